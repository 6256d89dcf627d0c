# Reference values of slopes by group and of their standard deviation; writes slopes_groups.json beside this file.
# Run: Rscript tests/reference/slopes_groups.R
suppressMessages({library(survey); library(metafor); library(jsonlite)})
here <- dirname(sub("--file=", "", grep("--file=", commandArgs(FALSE), value = TRUE)))
set.seed(20261212)
groups <- 8
size <- 120
n <- groups * size
country <- rep(sprintf("c%d", 1:groups), each = size)
psu <- paste0(country, "-", rep(rep(1:12, each = 10), groups))
weight <- round(rgamma(n, 2, 1) + 0.1, 3)
trusts <- rbinom(n, 1, 0.5)
age <- sample(18:85, n, replace = TRUE)
own <- rnorm(groups, -0.3, 0.5)[match(country, unique(country))]
ill <- rbinom(n, 1, pmin(0.95, exp(-1.3 + own * trusts + 0.004 * (age - 50))))
ill[c(5, 300)] <- NA
data <- data.frame(country, psu, weight, trusts, age, ill)
design <- svydesign(~psu, strata = ~country, weights = ~weight, data = data, nest = TRUE)
tight <- glm.control(epsilon = 1e-14, maxit = 100)
link <- quasipoisson()
rows <- lapply(unique(country), function(g) {
  part <- subset(design, country == g)
  first <<- suppressWarnings(svyglm(ill ~ trusts + age, part, family = link, control = tight))
  # R takes the information from the step before the last: the second fit starts from the first.
  m <- suppressWarnings(svyglm(ill ~ trusts + age, part, family = link, control = tight, start = coef(first)))
  list(estimate = unname(coef(m)["trusts"]), se = unname(SE(m)["trusts"]), df = m$df.residual)
})
column <- function(name) sapply(rows, function(r) r[[name]])
pooled <- rma(column("estimate"), column("se")^2, method = "REML", control = list(threshold = 1e-12, maxiter = 1000))
between <- confint(pooled, control = list(tol = 1e-12))$random["tau", ]
values <- list(estimate = column("estimate"), se = column("se"), df = column("df"), tau = unname(between))
versions <- list(R = R.version.string, survey = as.character(packageVersion("survey")), metafor = as.character(packageVersion("metafor")))
write_json(list(versions = versions, data = data, values = values), file.path(here, "slopes_groups.json"),
  digits = NA, auto_unbox = TRUE, dataframe = "columns", na = "null", pretty = FALSE)
