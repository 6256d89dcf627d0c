# Attributable fraction and counterfactual share with design standard errors that count coefficients and composition.
# The linearised variable of row i is the derivative of the estimate by the weight of row i (Deville 1999), by a
# four-point difference; the SE is that of its total under the design (survey::svytotal).
# Run in this folder: Rscript impact_attributable.R
suppressMessages({library(survey); library(jsonlite)})
set.seed(20261124)
strata <- rep(1:6, each = 30); psu <- rep(rep(1:5, each = 6), 6); n <- length(strata)
data <- data.frame(stratum = strata, psu = psu, weight = round(exp(rnorm(n, sd = .4)), 3),
  age = round(rnorm(n, 50, 12)), trust = sample(0:10, n, TRUE))
data$lonely <- rbinom(n, 1, plogis(-.3 - .1 * (data$trust - 5)))
data$poor_health <- rbinom(n, 1, plogis(-1.2 + .9 * data$lonely + .03 * (data$age - 50) - .05 * data$trust))
design <- svydesign(ids = ~psu, strata = ~stratum, weights = ~weight, data = data, nest = TRUE)
tight <- glm.control(epsilon = 1e-15, maxit = 100)
fitted_model <- function(w, family) { d <- data; d$w <- w
  suppressWarnings(glm(poor_health ~ lonely + age + trust, family, d, weights = w, control = tight)) }
after <- function(w, family, change) weighted.mean(predict(fitted_model(w, family), change(data), type = "response"), w)
nobody <- function(d) transform(d, lonely = 0)
trusting <- function(d) transform(d, trust = trust + 1)
now <- function(w) weighted.mean(data$poor_health, w)
linearised <- function(f) {
  w <- data$weight; h <- 1e-3
  z <- sapply(seq_along(w), function(i) {
    at <- function(k) { v <- w; v[i] <- v[i] + k * h; f(v) }
    (8 * (at(1) - at(-1)) - (at(2) - at(-2))) / (12 * h)
  })
  list(estimate = f(w), se = as.numeric(SE(svytotal(~z, update(design, z = z)))))
}
mixed <- function(w) .7 * now(w) + .3 * after(w, binomial, trusting)
cases <- svyglm(poor_health ~ lonely + age + trust, design, family = quasipoisson, control = tight)
share <- weighted.mean(data$lonely, data$weight * data$poor_health); rr <- exp(coef(cases)[["lonely"]])
out <- list(versions = list(R = R.version.string, survey = as.character(packageVersion("survey"))), data = data,
  log_left_logistic = linearised(function(w) log(after(w, binomial, nobody) / now(w))),
  log_left_poisson = linearised(function(w) log(after(w, poisson, nobody) / now(w))),
  miettinen_poisson = share * (rr - 1) / rr, exposed_among_cases = share, risk_ratio = rr,
  trusting = linearised(mixed), difference = linearised(function(w) mixed(w) - now(w)),
  log_share = linearised(function(w) log(mixed(w) / now(w))), df = cases$df.residual)
write_json(out, "impact_attributable.json", digits = NA, auto_unbox = TRUE, dataframe = "columns")
