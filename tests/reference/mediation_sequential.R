# An exposure's estimate as covariates join: survey::svyglm for each step, and the standard error of each change from
# the derivatives of the change by the weights (Deville 1999, four-point difference, survey::svytotal).
# Run in this folder, after mediation_effects.R: Rscript mediation_sequential.R   (uses its data)
suppressMessages({library(survey); library(jsonlite)})
data <- as.data.frame(fromJSON("mediation_effects.json")$data)
design <- svydesign(ids = ~psu, strata = ~stratum, weights = ~weight, data = data, nest = TRUE)
tight <- glm.control(epsilon = 1e-15, maxit = 100)
formulas <- list(poor ~ lonely, poor ~ lonely + age, poor ~ lonely + age + stress)
fits <- lapply(formulas, function(f) svyglm(f, design, family = quasibinomial, control = tight))
model <- function(f, w) { d <- data; d$w <- w; suppressWarnings(glm(f, binomial, d, weights = w, control = tight)) }
difference <- function(f, w) { m <- model(f, w)
  at <- function(x) weighted.mean(predict(m, transform(data, lonely = x), type = "response"), w); at(1) - at(0) }
steps <- function(w, one) sapply(formulas, function(f) one(f, w))
coefficient <- function(f, w) coef(model(f, w))[["lonely"]]
linearised <- function(one) {
  w <- data$weight; h <- 1e-3
  z <- t(sapply(seq_along(w), function(i) {
    at <- function(k) { v <- w; v[i] <- v[i] + k * h; e <- steps(v, one); c(e, diff(e)) }
    (8 * (at(1) - at(-1)) - (at(2) - at(-2))) / (12 * h)
  }))
  se <- sapply(seq_len(ncol(z)), function(k) as.numeric(SE(svytotal(~z, update(design, z = z[, k])))))
  e <- steps(w, one)
  list(estimate = e, se = se[1:3], change = diff(e), change_se = se[4:5])
}
out <- list(versions = list(R = R.version.string, survey = as.character(packageVersion("survey"))),
  svyglm = list(estimate = sapply(fits, function(f) coef(f)[["lonely"]]), se = sapply(fits, function(f) SE(f)[["lonely"]])),
  coefficient = linearised(coefficient), difference = linearised(difference))
write_json(out, "mediation_sequential.json", digits = NA, auto_unbox = TRUE)
