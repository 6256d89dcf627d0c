# Allostatic load by hand in R: weighted quarter points by survey::svyquantile(qrule = "math"), counts, z-sums, and the
# correlation of weighted ranks by survey::svyvar. Run in this folder: Rscript allostatic_load.R
suppressMessages({library(survey); library(jsonlite)})
set.seed(19)
n <- 240
data <- data.frame(stratum = rep(1:4, each = 60), psu = rep(1:24, each = 10), weight = round(runif(n, 0.2, 3), 2),
  sbp = round(rnorm(n, 130, 18)), hdl = round(rnorm(n, 1.4, 0.4), 2), crp = round(rexp(n, 0.5), 1))
design <- svydesign(ids = ~psu, strata = ~stratum, weights = ~weight, data = data, nest = TRUE)
at <- function(name, p) as.numeric(coef(svyquantile(as.formula(paste0("~", name)), design, p, qrule = "math")))
limits <- c(sbp = at("sbp", 0.75), hdl = at("hdl", 0.25), crp = at("crp", 0.75))
count <- (data$sbp > limits["sbp"]) + (data$hdl < limits["hdl"]) + (data$crp > limits["crp"])
standard <- function(x) { m <- weighted.mean(x, data$weight); (x - m) / sqrt(weighted.mean((x - m)^2, data$weight)) }
z <- standard(data$sbp) - standard(data$hdl) + standard(data$crp)
ridit <- function(x) sapply(x, function(v) (sum(data$weight[x < v]) + sum(data$weight[x == v]) / 2) / sum(data$weight))
design <- update(design, count = count, z = z, rank_count = ridit(count), rank_z = ridit(round(z, 10)))
mean_load <- svymean(~count, design)
v <- as.matrix(svyvar(~rank_count + rank_z, design))
write_json(list(versions = list(R = R.version.string, survey = as.character(packageVersion("survey"))), data = data,
  limits = as.list(limits), mean = as.numeric(coef(mean_load)), se = as.numeric(SE(mean_load)), count = count, z = z,
  spearman = v[1, 2] / sqrt(v[1, 1] * v[2, 2])), "allostatic_load.json", digits = NA, auto_unbox = TRUE)
