# Reference values for mixed: lme4::lmer (random intercept; intercept and slope) and lme4::glmer by adaptive
# Gauss-Hermite quadrature with 15 nodes. Writes multilevel_mixed.json: data, values, versions.
# Run: Rscript multilevel_mixed.R
suppressMessages({
  library(lme4)
  library(jsonlite)
})
set.seed(20031)

n_group <- 30
size <- sample(8:20, n_group, replace = TRUE)
area <- rep(seq_len(n_group), size)
n <- length(area)
age <- round(rnorm(n, 0, 1) + 0.3 * rnorm(n_group)[area], 3)
urban <- rbinom(n_group, 1, 0.5)[area]
sex <- sample(c("female", "male"), n, replace = TRUE)
u0 <- rnorm(n_group, sd = 0.7)
u1 <- 0.4 * u0 + rnorm(n_group, sd = 0.3)
trust <- round(5 + 0.5 * age - 0.4 * urban + 0.2 * (sex == "male") + u0[area] + u1[area] * age + rnorm(n), 4)
lonely <- rbinom(n, 1, plogis(-1 + 0.4 * age + 0.5 * urban + u0[area]))
weight <- round(runif(n, 0.3, 3), 3)
scaled <- weight * ave(weight, area, FUN = length) / ave(weight, area, FUN = sum)  # weights sum to the group's size
data <- data.frame(area, age, urban, sex, trust, lonely, weight)

linear_control <- lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-11, maxfun = 1e5))
linear <- function(formula, REML = TRUE) {
  fit <- lmer(formula, data, REML = REML, control = linear_control)
  parts <- as.data.frame(VarCorr(fit))
  list(
    estimate = unname(fixef(fit)), vcov = unname(as.matrix(vcov(fit))), parts = parts$vcov,
    log_likelihood = as.numeric(logLik(fit)),
    ranef = unname(as.matrix(ranef(fit)$area))
  )
}

# The Hessian of the deviance at (sd, fixed effects), by central differences with one Richardson step.
hessian <- function(f, at, h = 2e-3) {
  second <- function(h) {
    k <- length(at)
    out <- matrix(0, k, k)
    e <- diag(h, k)
    for (i in 1:k) for (j in 1:k) {
      out[i, j] <- (f(at + e[i, ] + e[j, ]) - f(at + e[i, ] - e[j, ]) - f(at - e[i, ] + e[j, ]) +
        f(at - e[i, ] - e[j, ])) / (4 * h^2)
    }
    out
  }
  (4 * second(h / 2) - second(h)) / 3
}

gradient <- function(f, at, h = 2e-3) {
  first <- function(h) sapply(seq_along(at), function(i) {
    e <- replace(numeric(length(at)), i, h)
    (f(at + e) - f(at - e)) / (2 * h)
  })
  (4 * first(h / 2) - first(h)) / 3
}

logistic_control <- glmerControl(
  optimizer = "bobyqa", optCtrl = list(rhoend = 1e-11, maxfun = 1e5), tolPwrss = 1e-13, calc.derivs = FALSE
)
logistic <- function(formula, rows = data, weights = NULL) {
  rows$case_weight <- if (is.null(weights)) 1 else weights
  fit <- suppressWarnings(
    glmer(formula, rows, family = binomial, weights = case_weight, nAGQ = 15, control = logistic_control)
  )
  deviance <- suppressWarnings(update(fit, devFunOnly = TRUE))
  at <- c(getME(fit, "theta"), fixef(fit))
  # glmer's optimiser stops within 1e-7 of the maximum; two Newton steps on its own deviance finish the work.
  for (i in 1:2) at <- at - solve(hessian(deviance, at), gradient(deviance, at))
  vcov <- solve(hessian(deviance, at) / 2)
  list(
    estimate = unname(at[-1]), sd = unname(at[1]), deviance = deviance(at), glmer = unname(fixef(fit)),
    sd_se = sqrt(vcov[1, 1]), vcov = unname(vcov[-1, -1])
  )
}

reference <- list(
  program = list(R = R.version.string, lme4 = as.character(packageVersion("lme4"))),
  data = data,
  intercept = linear(trust ~ age + urban + sex + (1 | area)),
  intercept_ml = linear(trust ~ age + urban + sex + (1 | area), REML = FALSE),
  slope = linear(trust ~ age + urban + sex + (1 + age | area)),
  logistic = logistic(lonely ~ age + urban + sex + (1 | area)),
  logistic_weighted = logistic(lonely ~ age + urban + sex + (1 | area), weights = scaled)
)
write_json(reference, "multilevel_mixed.json", digits = NA, auto_unbox = TRUE)
