# Partial correlations under a design: residuals of survey::svyglm, their correlation by survey::svyvar, and the standard
# error from the derivatives of the partial correlation by the weights (Deville 1999, four-point difference).
# Run in this folder, after panel_overlap.R: Rscript panel_partial.R   (uses its data)
suppressMessages({library(survey); library(jsonlite)})
data <- as.data.frame(fromJSON("panel_overlap.json")$data)
data$band <- factor(data$psu %% 3)
seen <- !is.na(data$score) & !is.na(data$isolated)
design <- svydesign(ids = ~psu, strata = ~stratum, weights = ~weight, data = data, nest = TRUE)
sub <- subset(design, seen)
left <- sapply(c("score", "lonely"), function(y)
  residuals(svyglm(as.formula(paste(y, "~ size + isolated + band")), sub), type = "response"))
full <- matrix(0, nrow(data), 2); full[seen, ] <- left
v <- as.matrix(svyvar(~a + b, subset(update(design, a = full[, 1], b = full[, 2]), seen)))
partial <- function(w) {
  d <- data[seen, ]; d$w <- w[seen]
  e <- sapply(c("score", "lonely"), function(y) residuals(lm(as.formula(paste(y, "~ size + isolated + band")), d, weights = w)))
  m <- crossprod(e * sqrt(d$w)); m[1, 2] / sqrt(m[1, 1] * m[2, 2])
}
w <- data$weight; h <- 1e-3
z <- sapply(seq_along(w), function(i) {
  at <- function(k) { u <- w; u[i] <- u[i] + k * h; partial(u) }
  if (seen[i]) (8 * (at(1) - at(-1)) - (at(2) - at(-2))) / (12 * h) else 0
})
write_json(list(versions = list(R = R.version.string, survey = as.character(packageVersion("survey"))),
  estimate = v[1, 2] / sqrt(v[1, 1] * v[2, 2]), se = as.numeric(SE(svytotal(~z, update(design, z = z)))), n = sum(seen),
  df = degf(sub)), "panel_partial.json", digits = NA, auto_unbox = TRUE)
