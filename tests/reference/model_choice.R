# Models compared on the same rows: AIC of Lumley and Scott by survey::svyglm, C by survival::concordance, and the standard
# errors of C and of its change from the derivatives by the weights at fixed coefficients (Deville 1999, four-point
# difference, survey::svytotal).
# Run in this folder, after mediation_effects.R: Rscript model_choice.R   (uses its data)
suppressMessages({library(survey); library(survival); library(jsonlite)})
data <- as.data.frame(fromJSON("mediation_effects.json")$data)
design <- svydesign(ids = ~psu, strata = ~stratum, weights = ~weight, data = data, nest = TRUE)
tight <- glm.control(epsilon = 1e-15, maxit = 100)
formulas <- list(poor ~ lonely, poor ~ lonely + age, poor ~ lonely * age + stress)
fits <- lapply(formulas, function(f) eval(bquote(svyglm(.(f), design, family = quasibinomial, control = tight))))
aic <- do.call(AIC, unname(fits))
eta <- sapply(fits, function(f) round(as.numeric(model.matrix(f) %*% coef(f)), 10))
one <- function(k, w) concordance(data$poor ~ eta[, k], weights = w)$concordance
w <- data$weight; h <- 1e-3
each <- function(w) { c <- sapply(seq_along(fits), one, w = w); c(c, c[-1] - c[1]) }
z <- t(sapply(seq_along(w), function(i) {
  at <- function(k) { v <- w; v[i] <- v[i] + k * h; each(v) }
  (8 * (at(1) - at(-1)) - (at(2) - at(-2))) / (12 * h)
}))
se <- sapply(seq_len(ncol(z)), function(k) as.numeric(SE(svytotal(~z, update(design, z = z[, k])))))
out <- list(versions = list(R = R.version.string, survey = as.character(packageVersion("survey")),
    survival = as.character(packageVersion("survival"))),
  aic = as.numeric(aic[, "AIC"]), parameters = as.numeric(aic[, "eff.p"]),
  c = each(w)[1:3], c_se = se[1:3], change = each(w)[4:5], change_se = se[4:5])
write_json(out, "model_choice.json", digits = NA, auto_unbox = TRUE)
