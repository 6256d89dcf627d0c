# Slope, relative and concentration indices with design standard errors that count the estimation of the ranks.
# The linearised variable of row i is the derivative of the estimate by the weight of row i (Deville 1999), taken here
# by a four-point difference; the SE is that of its total under the design (survey::svytotal).
# Run in this folder: Rscript inequality_indices.R
suppressMessages({library(survey); library(jsonlite)})
set.seed(20261123)
strata <- rep(1:6, each = 24); psu <- rep(rep(1:4, each = 6), 6); n <- length(strata)
data <- data.frame(stratum = strata, psu = psu, weight = round(exp(rnorm(n, sd = .5)), 3),
  income = sample(1:3, n, TRUE), age = round(rnorm(n, 50, 12)))
data$lonely <- rbinom(n, 1, plogis(-.2 - .5 * data$income + rep(rnorm(24, sd = .4), each = 6)))
data$score <- 3 + rpois(n, 3 / data$income)
design <- svydesign(ids = ~psu, strata = ~stratum, weights = ~weight, data = data, nest = TRUE)

ridit <- function(r, w) { s <- tapply(w, r, sum); ((cumsum(s) - s / 2) / sum(s))[as.character(r)] }
tight <- glm.control(epsilon = 1e-15, maxit = 100)
sii <- function(w) { d <- data; d$r <- ridit(d$income, w); d$w <- w; -coef(lm(lonely ~ r, d, weights = w))[["r"]] }
log_rii <- function(w) { d <- data; d$r <- ridit(d$income, w); d$w <- w
  -coef(suppressWarnings(glm(lonely ~ r + age, poisson, d, weights = w, control = tight)))[["r"]] }
ci <- function(y) function(w) { r <- ridit(data$income, w); m <- weighted.mean(y, w)
  2 * sum(w * (y - m) * (r - .5)) / sum(w) / m }
wagstaff <- function(w) ci(data$lonely)(w) / (1 - weighted.mean(data$lonely, w))
erreygers <- function(w) 4 * weighted.mean(data$lonely, w) * ci(data$lonely)(w)
erreygers_score <- function(w) 4 * weighted.mean(data$score, w) / 20 * ci(data$score)(w)

linearised <- function(f) {
  w <- data$weight; h <- 1e-3
  z <- sapply(seq_along(w), function(i) {
    at <- function(k) { v <- w; v[i] <- v[i] + k * h; f(v) }
    (8 * (at(1) - at(-1)) - (at(2) - at(-2))) / (12 * h)
  })
  d <- update(design, z = z)
  list(estimate = f(w), se = as.numeric(SE(svytotal(~z, d))))
}
data$r <- ridit(data$income, data$weight)
fixed <- svyglm(lonely ~ r, update(design, r = data$r))
out <- list(versions = list(R = R.version.string, survey = as.character(packageVersion("survey"))), data = data[1:7],
  sii = linearised(sii), log_rii_age = linearised(log_rii), ci = linearised(ci(data$lonely)),
  wagstaff = linearised(wagstaff), erreygers = linearised(erreygers), ci_score = linearised(ci(data$score)),
  erreygers_score = linearised(erreygers_score),
  sii_fixed_ranks = list(estimate = -coef(fixed)[["r"]], se = unname(SE(fixed)["r"]), df = fixed$df.residual))
write_json(out, "inequality_indices.json", digits = NA, auto_unbox = TRUE, dataframe = "columns")
