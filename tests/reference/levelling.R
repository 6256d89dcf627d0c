# Slope and relative index of inequality before and after a change that reaches ranks unequally, with design standard errors
# that count coefficients, people and the ranks' sizes. The linearised variable of row i is the derivative of the estimate by
# the weight of row i (Deville 1999), by a four-point difference; the SE is that of its total (survey::svytotal).
# Run in this folder: Rscript levelling.R
suppressMessages({library(survey); library(jsonlite)})
set.seed(20261125)
strata <- rep(1:6, each = 40); psu <- rep(rep(1:5, each = 8), 6); n <- length(strata)
data <- data.frame(stratum = strata, psu = psu, weight = round(exp(rnorm(n, sd = .4)), 3),
  age = round(rnorm(n, 50, 12)), income = sample(1:3, n, TRUE))
data$lonely <- rbinom(n, 1, plogis(.6 - .5 * data$income))
data$poor_health <- rbinom(n, 1, plogis(-.6 + .9 * data$lonely + .03 * (data$age - 50) - .3 * data$income))
design <- svydesign(ids = ~psu, strata = ~stratum, weights = ~weight, data = data, nest = TRUE)
tight <- glm.control(epsilon = 1e-15, maxit = 100)
reach <- c(.2, .4, .9); causal <- .5
shares <- function(w, when) {
  d <- data; d$w <- w
  fit <- suppressWarnings(glm(poor_health ~ lonely + age + factor(income), binomial, d, weights = w, control = tight))
  gain <- predict(fit, transform(d, lonely = 0), type = "response") - predict(fit, d, type = "response")
  value <- d$poor_health + (when == "after") * causal * reach[d$income] * gain
  list(p = tapply(w * value, d$income, sum) / tapply(w, d$income, sum), size = tapply(w, d$income, sum))
}
ridit <- function(s) (cumsum(s) - s / 2) / sum(s)
sii <- function(when) function(w) { s <- shares(w, when); r <- ridit(s$size); -coef(lm(s$p ~ r, weights = s$size))[["r"]] }
log_rii <- function(when) function(w) { s <- shares(w, when); r <- ridit(s$size)
  -coef(suppressWarnings(glm(s$p ~ r, poisson, weights = s$size, control = tight)))[["r"]] }
less <- function(f) function(w) f("after")(w) - f("before")(w)
linearised <- function(f) {
  w <- data$weight; h <- 1e-3
  z <- sapply(seq_along(w), function(i) {
    at <- function(k) { v <- w; v[i] <- v[i] + k * h; f(v) }
    (8 * (at(1) - at(-1)) - (at(2) - at(-2))) / (12 * h)
  })
  list(estimate = f(w), se = as.numeric(SE(svytotal(~z, update(design, z = z)))))
}
out <- list(versions = list(R = R.version.string, survey = as.character(packageVersion("survey"))), data = data,
  reach = reach, causal = causal,
  sii_before = linearised(sii("before")), sii_after = linearised(sii("after")), sii_change = linearised(less(sii)),
  rii_before = linearised(log_rii("before")), rii_after = linearised(log_rii("after")), rii_change = linearised(less(log_rii)),
  best_off_after = linearised(function(w) shares(w, "after")$p[[3]]))
write_json(out, "levelling.json", digits = NA, auto_unbox = TRUE, dataframe = "columns")
