# Natural effects for the four pairs of models, with design standard errors; and the sensitivity formula by another road.
# Integrals over a normal mediator by the trapezoid rule on a fine grid (spectrally accurate for analytic integrands).
# The linearised variable of row i is the derivative of the estimates by the weight of row i (Deville 1999), by a
# four-point difference; the SE is that of its total under the design (survey::svytotal).
# Run in this folder: Rscript mediation_effects.R
suppressMessages({library(survey); library(lavaan); library(jsonlite)})
set.seed(20261125)
strata <- rep(1:4, each = 30); psu <- rep(rep(1:5, each = 6), 4); n <- length(strata)
data <- data.frame(stratum = strata, psu = psu, weight = round(exp(rnorm(n, sd = .4)), 3), age = round(rnorm(n), 2))
data$lonely <- rbinom(n, 1, plogis(-.3 - .3 * data$age))
data$stress <- round(.6 * data$lonely + .3 * data$age + rnorm(n), 3)
data$stressed <- as.integer(data$stress > .4)
data$health <- round(.4 * data$lonely + .6 * data$stress + .2 * data$age + rnorm(n), 3)
data$poor <- as.integer(data$health > .6)
design <- svydesign(ids = ~psu, strata = ~stratum, weights = ~weight, data = data, nest = TRUE)
tight <- glm.control(epsilon = 1e-15, maxit = 100)
grid <- seq(-8, 8, .04); mass <- dnorm(grid) * .04

fit <- function(formula, family, w) { d <- data; d$w <- w
  suppressWarnings(glm(formula, family, d, weights = w, control = tight)) }
potential <- function(a, b, my, mm, m, sigma, w) {
  link <- my$family$linkinv
  eta <- function(value) { d <- data; d$lonely <- a; d[[m]] <- value; predict(my, d, type = "link") }
  base <- eta(0); slope <- eta(1) - base
  d <- data; d$lonely <- b; centre <- predict(mm, d, type = "response")
  value <- if (mm$family$family == "binomial") (1 - centre) * link(base) + centre * link(base + slope)
    else rowSums(sapply(seq_along(grid), function(k) mass[k] * link(base + slope * (centre + sigma * grid[k]))))
  weighted.mean(value, w)
}
effects <- function(w, m, y, fm, fy, joined) {
  mm <- fit(as.formula(paste(m, "~ lonely + age")), fm, w)
  my <- fit(as.formula(paste(y, "~ lonely", joined, m, "+ age")), fy, w)
  sigma <- sqrt(weighted.mean((data[[m]] - fitted(mm))^2, w))
  p <- function(a, b) potential(a, b, my, mm, m, sigma, w)
  y11 <- p(1, 1); y10 <- p(1, 0); y00 <- p(0, 0)
  out <- c(total = y11 - y00, direct = y10 - y00, indirect = y11 - y10, proportion_mediated = (y11 - y10) / (y11 - y00))
  if (fy()$family == "binomial") out <- c(out, total_ratio = log(y11 / y00), direct_ratio = log(y10 / y00), indirect_ratio = log(y11 / y10))
  out
}
linearised <- function(...) {
  w <- data$weight; h <- 1e-3
  z <- t(sapply(seq_along(w), function(i) {
    at <- function(k) { v <- w; v[i] <- v[i] + k * h; effects(v, ...) }
    (8 * (at(1) - at(-1)) - (at(2) - at(-2))) / (12 * h)
  }))
  full <- effects(w, ...)
  se <- sapply(seq_len(ncol(z)), function(k) as.numeric(SE(svytotal(~z, update(design, z = z[, k])))))
  list(quantity = names(full), estimate = unname(full), se = se)
}
# Indirect effect with a stated error correlation, by maximum likelihood of the two equations (unweighted).
with_rho <- function(rho) {
  model <- paste0("stress ~ a*lonely + age\nhealth ~ b*stress + lonely + age\nstress ~~ v*stress\nhealth ~~ u*health\n",
    "stress ~~ c*health\nc == ", rho, " * sqrt(v * u)\nindirect := a * b")
  f <- suppressWarnings(sem(model, data, start = "simple"))
  p <- parameterEstimates(f); p$est[p$label == "indirect"]
}
linear <- lm(stress ~ lonely + age, data); reduced <- lm(health ~ lonely + age, data)
out <- list(versions = list(R = R.version.string, survey = as.character(packageVersion("survey")),
    lavaan = as.character(packageVersion("lavaan"))), data = data,
  linear_linear = linearised("stress", "health", gaussian, gaussian, "+"),
  linear_logistic = linearised("stress", "poor", gaussian, binomial, "+"),
  logistic_linear = linearised("stressed", "health", binomial, gaussian, "+"),
  logistic_logistic = linearised("stressed", "poor", binomial, binomial, "+"),
  linear_logistic_interaction = linearised("stress", "poor", gaussian, binomial, "*"),
  rho = c(-.3, 0, .2, .5), indirect_by_rho = sapply(c(-.3, 0, .2, .5), with_rho),
  rho_at_zero = cor(resid(linear), resid(reduced)))
write_json(out, "mediation_effects.json", digits = NA, auto_unbox = TRUE, dataframe = "columns")
