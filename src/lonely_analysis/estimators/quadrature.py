"""Logistic regression with a random intercept, by adaptive Gauss-Hermite quadrature.

Model: logit P(y_ij = 1) = x_ij b + s u_j, with u_j ~ N(0, 1) for group j and ``s`` the standard deviation
between groups. A group's likelihood is an integral over u_j; it is summed at *nodes* placed around the
group's own mode and scaled by the curvature there (Pinheiro & Bates 1995, J Comput Graph Stat 4:12-35; R
``lme4::glmer(nAGQ=15)``). Gradient and information are those of the integral itself, as means over the nodes
(Louis 1982, J R Stat Soc B 44:226-233). Shapes: n rows sorted by group, J groups, K nodes, p covariates;
parameters are (b, s).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from scipy.special import expit, roots_hermitenorm

from lonely_analysis.errors import EstimationError

# lme4's accurate setting comes first. Groups whose answers are all alike, far from the others, need more
# nodes.
NODES = (15, 31, 63, 127)
# Nodes are enough when twice as many change the log likelihood by less than this.
_ENOUGH = 1e-5
MAX_STEPS = 30
# A group's mode is found by steps of at most 1, so that a distant one takes some.
_MAX_MODE_STEPS = 200
# Newton's steps end when no parameter moves by more than this.
STEP_TOLERANCE = 1e-10
# The sum over nodes and its gradient, that of the integral, agree to about this share of the log likelihood:
# a fall of less is no reason to halve a step.
_QUADRATURE_ERROR = 1e-8
_MOST_HALVINGS = 30
# Below this standard deviation on the log-odds scale the groups do not differ (an odds ratio of 1.001).
NO_VARIANCE = 1e-3
# A coefficient beyond this many log odds per standard deviation is separation.
RUNAWAY = 20.0


@dataclass(frozen=True, eq=False)
class Grouped:
    """Rows sorted by group: covariates, outcome 0/1, weights, and where each group starts."""

    x: np.ndarray = field(repr=False)
    y: np.ndarray = field(repr=False)
    weights: np.ndarray = field(repr=False)
    start: np.ndarray = field(repr=False)

    @property
    def group(self) -> np.ndarray:
        """Each row's group, 0..J-1."""
        size = np.diff(np.append(self.start, len(self.y)))
        return np.repeat(np.arange(len(self.start)), size)

    def add(self, values: np.ndarray) -> np.ndarray:
        """Add rows within groups."""
        return np.add.reduceat(values, self.start, axis=0)


@dataclass(frozen=True, eq=False)
class Marginal:
    """The marginal likelihood at one (b, s): ``scores`` (J, p+1) by group and ``information`` (p+1, p+1).

    ``mode`` (J,) holds the predicted u_j; ``information`` is the observed one.
    """

    log_likelihood: float
    scores: np.ndarray = field(repr=False)
    information: np.ndarray = field(repr=False)
    mode: np.ndarray = field(repr=False)


def grouped(
    x: np.ndarray, y: np.ndarray, weights: np.ndarray, group: np.ndarray
) -> tuple[Grouped, np.ndarray]:
    """Sort rows by ``group`` codes 0..J-1."""
    order = np.argsort(group, kind="stable")
    start = np.concatenate(([0], np.flatnonzero(np.diff(group[order])) + 1))
    return Grouped(x[order], y[order].astype(float), weights[order], start)


def _modes(rows: Grouped, fixed: np.ndarray, sd: float) -> tuple[np.ndarray, np.ndarray]:
    """Return each group's mode of u, and its standard deviation by the curvature there."""
    group = rows.group
    mode = np.zeros(len(rows.start))
    for _ in range(_MAX_MODE_STEPS):
        p = expit(fixed + sd * mode[group])
        gradient = sd * rows.add(rows.weights * (rows.y - p)) - mode
        curvature = 1.0 + sd**2 * rows.add(rows.weights * p * (1.0 - p))
        # The gradient exceeds the distance to the mode nowhere, so a step of at most 1 cannot overshoot far.
        step = np.clip(gradient / curvature, -1.0, 1.0)
        mode = mode + step
        if np.max(np.abs(step)) < STEP_TOLERANCE:
            break
    return mode, 1.0 / np.sqrt(curvature)


def marginal(rows: Grouped, theta: np.ndarray, nodes: int = NODES[0]) -> Marginal:
    """Evaluate the likelihood, its gradient by group and its information at ``theta`` = (b, s)."""
    b, sd = theta[:-1], theta[-1]
    fixed, group = rows.x @ b, rows.group
    mode, scale = _modes(rows, fixed, sd)
    z, omega = roots_hermitenorm(nodes)
    u = mode[:, None] + scale[:, None] * z
    eta = fixed[:, None] + sd * u[group]
    terms = rows.weights[:, None] * (rows.y[:, None] * eta - np.logaddexp(0.0, eta))
    # log of omega phi(u) / phi(z), with weights omega that sum to sqrt(2 pi).
    log_node = rows.add(terms) + (z**2 - u**2) / 2 + np.log(omega / np.sqrt(2 * np.pi))
    peak = log_node.max(axis=1, keepdims=True)
    likelihood = np.exp(log_node - peak).sum(axis=1)
    share = np.exp(log_node - peak) / likelihood[:, None]
    log_likelihood = float(np.sum(np.log(likelihood) + peak[:, 0] + np.log(scale)))
    scores, information = _louis(rows, u, share, expit(eta))
    return Marginal(log_likelihood, scores, information, mode)


def _louis(rows: Grouped, u: np.ndarray, share: np.ndarray, p: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return group scores and observed information: its mean over nodes less the variance of their scores."""
    k = rows.x.shape[1]
    group = rows.group
    scores = np.zeros((len(rows.start), k + 1))
    information = np.zeros((k + 1, k + 1))
    for node in range(u.shape[1]):
        residual = rows.weights * (rows.y - p[:, node])
        at_node = rows.add(np.column_stack([rows.x * residual[:, None], residual * u[group, node]]))
        weighted = share[:, [node]] * at_node
        scores += weighted
        information -= weighted.T @ at_node
        extended = np.column_stack([rows.x, u[group, node]])
        curvature = rows.weights * p[:, node] * (1.0 - p[:, node]) * share[group, node]
        information += (extended * curvature[:, None]).T @ extended
    return scores, information + scores.T @ scores


def fit_random_intercept(rows: Grouped, start: np.ndarray, terms: list[str]) -> tuple[np.ndarray, Marginal]:
    """Maximise the marginal likelihood over (b, s), with as many nodes as it takes.

    Raises ``EstimationError`` where the groups do not differ (s = 0) or a coefficient has no maximum.
    """
    theta = start
    for nodes in NODES:
        theta, at, settled = _newton(rows, theta, nodes, terms)
        if settled and abs(marginal(rows, theta, 2 * nodes + 1).log_likelihood - at.log_likelihood) < _ENOUGH:
            return theta, at
    raise EstimationError(
        "the likelihood was not maximised: the groups differ too much, or the model has too many terms for "
        "the data. Use fewer terms, or leave out groups in which everybody answers alike"
    )


def _newton(
    rows: Grouped, theta: np.ndarray, nodes: int, terms: list[str]
) -> tuple[np.ndarray, Marginal, bool]:
    """Climb by Newton's method with step halving; say whether the steps came to an end."""
    at = marginal(rows, theta, nodes)
    for _ in range(MAX_STEPS):
        step = _ascent(at)
        theta, at = _uphill(rows, theta, at, step, nodes)
        _refuse_edges(rows, theta, terms)
        if np.max(np.abs(step)) < STEP_TOLERANCE:
            return theta, at, True
    return theta, at, False


def _ascent(at: Marginal) -> np.ndarray:
    """Return Newton's step; where the information is indefinite, group scores' products stand in for it."""
    gradient = at.scores.sum(axis=0)
    if np.linalg.eigvalsh(at.information)[0] > 0:
        return np.linalg.solve(at.information, gradient)
    return np.linalg.lstsq(at.scores.T @ at.scores, gradient, rcond=None)[0]


def _uphill(
    rows: Grouped, theta: np.ndarray, at: Marginal, step: np.ndarray, nodes: int
) -> tuple[np.ndarray, Marginal]:
    floor = at.log_likelihood - _QUADRATURE_ERROR * abs(at.log_likelihood)
    for _ in range(_MOST_HALVINGS):
        # A likelihood in s is symmetric about 0: a step across 0 is the same step taken back.
        candidate = np.append(theta[:-1] + step[:-1], abs(theta[-1] + step[-1]))
        new = marginal(rows, candidate, nodes)
        if new.log_likelihood >= floor:
            return candidate, new
        step = step / 2
    return theta, at


def _refuse_edges(rows: Grouped, theta: np.ndarray, terms: list[str]) -> None:
    if theta[-1] < NO_VARIANCE:
        raise EstimationError(
            "the groups do not differ: the variance between them is estimated as 0. Fit the model without "
            'groups: la.regress(..., family="logistic")'
        )
    reach = np.abs(theta[:-1]) * rows.x.std(axis=0)
    if reach.max(initial=0.0) > RUNAWAY:
        worst = terms[int(np.argmax(reach))]
        raise EstimationError(
            f"the coefficient of {worst!r} grows without end: it separates the outcome perfectly. "
            "Leave the term out, or merge its levels"
        )
