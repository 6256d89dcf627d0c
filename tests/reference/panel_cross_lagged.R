# Standardised cross-lagged paths between two waves: coefficients by survey::svyglm; standard errors from the
# derivatives of the standardised coefficient by the weights (Deville 1999, four-point difference, survey::svytotal).
# Run in this folder, after panel_overlap.R: Rscript panel_cross_lagged.R   (uses its data)
suppressMessages({library(survey); library(jsonlite)})
data <- as.data.frame(fromJSON("panel_overlap.json")$data)
seen <- !is.na(data$score) & !is.na(data$score2) & !is.na(data$lonely2)
design <- svydesign(ids = ~psu, strata = ~stratum, weights = ~weight, data = data, nest = TRUE)
spread <- function(x, w) sqrt(weighted.mean((x - weighted.mean(x, w))^2, w))
path <- function(later, earlier, formula, w) {
  d <- data[seen, ]; d$w <- w[seen]
  coef(lm(formula, d, weights = w))[[earlier]] * spread(d[[earlier]], d$w) / spread(d[[later]], d$w)
}
linearised <- function(later, earlier, formula) {
  w <- data$weight; h <- 1e-3; one <- function(w) path(later, earlier, formula, w)
  z <- sapply(seq_along(w), function(i) {
    at <- function(k) { v <- w; v[i] <- v[i] + k * h; one(v) }
    if (seen[i]) (8 * (at(1) - at(-1)) - (at(2) - at(-2))) / (12 * h) else 0
  })
  list(estimate = one(w), se = as.numeric(SE(svytotal(~z, update(design, z = z)))), z = z)
}
both <- function(extra) {
  first <- linearised("lonely2", "score", as.formula(paste("lonely2 ~ score + lonely", extra)))
  second <- linearised("score2", "lonely", as.formula(paste("score2 ~ score + lonely", extra)))
  fit <- svyglm(as.formula(paste("lonely2 ~ score + lonely", extra)), subset(design, seen))
  gap <- as.numeric(SE(svytotal(~z, update(design, z = second$z - first$z))))
  h <- qt(.975, fit$df.residual)
  list(estimate = c(first$estimate, second$estimate), se = c(first$se, second$se), gap_se = gap, n = sum(seen),
    df = fit$df.residual, ci_low = c(first$estimate - h * first$se, second$estimate - h * second$se))
}
write_json(list(versions = list(R = R.version.string, survey = as.character(packageVersion("survey"))),
  plain = both(""), size = both("+ size")), "panel_cross_lagged.json", digits = NA, auto_unbox = TRUE)
