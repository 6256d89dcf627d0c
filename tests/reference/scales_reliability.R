# Reliability and factor structure of a scale, with and without a survey design.
# Run in this folder: Rscript scales_reliability.R   (writes scales_reliability.json, data included)
suppressMessages({library(survey); library(psych); library(lavaan); library(jsonlite)})
set.seed(20261123)
strata <- rep(1:10, each = 40); psu <- rep(rep(1:4, each = 10), 10)
n <- length(strata); place <- rnorm(40, sd = .5)[(strata - 1) * 4 + psu]
f1 <- rnorm(n) + place; f2 <- .45 * f1 + .8 * rnorm(n)
raw <- cbind(.8 * f1, .7 * f1, .6 * f1, .75 * f2, .7 * f2, .55 * f2) + matrix(rnorm(6 * n, sd = .8), n)
items <- as.data.frame(apply(raw, 2, function(z) cut(z, c(-Inf, -.4, .9, Inf), labels = FALSE)))
names(items) <- paste0("i", 1:6)
data <- cbind(items, stratum = strata, psu = psu, weight = round(exp(rnorm(n, sd = .5)), 3))

# Alpha by the linearised covariance: the mean of squared deviations is a survey mean, alpha a function of it.
alpha_design <- function(cols, d) {
  m <- coef(svymean(as.formula(paste("~", paste(cols, collapse = "+"))), d))
  z <- sweep(as.matrix(d$variables[, cols]), 2, m)
  d2 <- update(d, own = rowSums(z^2), total = rowSums(z)^2)
  k <- length(cols)
  a <- svycontrast(svymean(~own + total, d2), substitute(k / (k - 1) * (1 - own / total), list(k = k)))
  list(estimate = as.numeric(coef(a)), se = as.numeric(SE(a)))
}
design <- svydesign(ids = ~psu, strata = ~stratum, weights = ~weight, data = data, nest = TRUE)
plain <- svydesign(ids = ~1, weights = ~1, data = data)

# Omega: one factor, sandwich covariance without a design beyond independence (MLR), from lavaan.
omega_lavaan <- function(cols, weights = NULL) {
  l <- paste0("l", seq_along(cols)); u <- paste0("u", seq_along(cols))
  model <- paste0("f =~ ", paste0(l, "*", cols, collapse = " + "), "\n",
    paste0(cols, " ~~ ", u, "*", cols, collapse = "\n"), "\n",
    "omega := (", paste(l, collapse = "+"), ")^2 / ((", paste(l, collapse = "+"), ")^2 + ", paste(u, collapse = "+"), ")")
  fit <- cfa(model, data, std.lv = TRUE, estimator = "MLR", sampling.weights = weights,
    control = list(rel.tol = 1e-13), optim.force.converged = TRUE)
  p <- parameterEstimates(fit); p <- p[p$label == "omega", ]
  list(estimate = p$est, se = p$se)
}

# promax turns varimax loadings; its own call of varimax stops at 1e-5 unless it starts from the tight ones.
tight_promax <- function() {
  v <- unclass(factanal(items, 2, rotation = "varimax",
    control = list(opt = list(factr = 1, pgtol = 0), rotate = list(eps = 1e-15)))$loadings)
  list(loadings = unclass(promax(v)$loadings), factor_correlation = correlation_of_factors(unclass(promax(v)$loadings), 2))
}
# Factor structure by ML on the unweighted correlations: stats::factanal at a tight tolerance.
# Factor correlations from the loadings: factanal of R 4.2 turns a factor's sign without turning its rotation.
correlation_of_factors <- function(l, k) {
  l0 <- unclass(factanal(items, k, rotation = "none", control = list(opt = list(factr = 1, pgtol = 0)))$loadings)
  g <- solve(crossprod(l), t(l)); g %*% tcrossprod(l0) %*% t(g)
}
fa <- function(k, rotation) {
  f <- factanal(items, k, rotation = rotation,
    control = list(opt = list(factr = 1, pgtol = 0), rotate = if (rotation == "varimax") list(eps = 1e-15)))
  list(loadings = unclass(f$loadings)[, seq_len(k), drop = FALSE], uniquenesses = f$uniquenesses,
    discrepancy = unname(f$criteria["objective"]), df = f$dof,
    factor_correlation = correlation_of_factors(unclass(f$loadings)[, seq_len(k), drop = FALSE], k))
}
# Satorra-Bentler scaled test of one factor, and scaled RMSEA and CFI (lavaan MLM; independent rows).
one <- cfa(paste("f =~", paste(names(items), collapse = "+")), data, std.lv = TRUE, estimator = "MLM",
  control = list(rel.tol = 1e-13), optim.force.converged = TRUE)
one_fa <- factanal(items, 1, control = list(opt = list(factr = 1, pgtol = 0)))
sds <- sapply(items, sd); shared <- sum(sds * one_fa$loadings)^2
weighted <- cov.wt(items, data$weight, method = "ML")

out <- list(
  versions = list(R = R.version.string, survey = as.character(packageVersion("survey")),
    psych = as.character(packageVersion("psych")), lavaan = as.character(packageVersion("lavaan"))),
  data = data,
  psych_alpha = unname(psych::alpha(items, check.keys = FALSE)$total$raw_alpha),
  alpha_plain = alpha_design(names(items), plain), alpha_design = alpha_design(names(items), design),
  alpha3_design = alpha_design(names(items)[1:3], design),
  omega_plain = omega_lavaan(names(items)), omega3_plain = omega_lavaan(names(items)[1:3]),
  omega_weighted = omega_lavaan(names(items), "weight"),
  omega_factanal = shared / (shared + sum(sds^2 * one_fa$uniquenesses)),
  covariance = weighted$cov,
  one_factor = fa(1, "none"), two_varimax = fa(2, "varimax"), two_promax = tight_promax(),
  scaled = as.list(fitMeasures(one, c("chisq", "chisq.scaled", "df", "pvalue.scaled", "chisq.scaling.factor",
    "rmsea.scaled", "cfi.scaled", "baseline.chisq.scaled", "baseline.chisq.scaling.factor")))
)
write_json(out, "scales_reliability.json", digits = NA, auto_unbox = TRUE, dataframe = "columns", matrix = "rowmajor")
