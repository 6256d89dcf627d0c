# Reference values of differences between groups and of item non-response; writes groups_differences.json beside this file.
# Run: Rscript tests/reference/groups_differences.R
suppressMessages({library(survey); library(jsonlite)})
here <- dirname(sub("--file=", "", grep("--file=", commandArgs(FALSE), value = TRUE)))
set.seed(20261123)
n <- 200
rows <- data.frame(stratum = sample(letters[1:4], n, TRUE), psu = sample(1:5, n, TRUE),
  weight = round(rgamma(n, 2, 1), 3), group = sample(c("x", "y", "z"), n, TRUE),
  age = sample(c("16-34", "35-64", "65+"), n, TRUE), y = rbinom(n, 1, 0.3))
rows$y[sample(n, 14)] <- NA
design <- svydesign(~psu, strata = ~stratum, weights = ~weight, data = rows, nest = TRUE)
answered <- subset(design, !is.na(y))

# Each group minus the first, as the coefficients of a linear model of the groups (svyby(covmat = TRUE) stops with an error here):
# crude, and standardised to the ages of everybody, with an outcome that misses nothing.
compare <- function(model) list(estimate = unname(coef(model)[-1]), se = unname(SE(model)[-1]))
rows$full <- rbinom(n, 1, 0.4)
design <- svydesign(~psu, strata = ~stratum, weights = ~weight, data = rows, nest = TRUE)
standard <- svystandardize(design, by = ~age, over = ~group, population = as.vector(prop.table(xtabs(weight ~ age, rows))))
crude <- compare(svyglm(y ~ group, answered))
standardised <- compare(svyglm(full ~ group, standard))
df <- sapply(c("x", "y", "z"), function(g) degf(subset(answered, group == g)))

missing <- svyby(~is.na(y), ~group, design, svymean)
values <- list(crude = crude, standardised = standardised, df = unname(df),
  unanswered = list(estimate = missing[["is.na(y)TRUE"]], se = missing[["se.is.na(y)TRUE"]]))
versions <- list(R = R.version.string, survey = as.character(packageVersion("survey")))
write_json(list(versions = versions, data = rows, values = values), file.path(here, "groups_differences.json"),
  digits = NA, auto_unbox = TRUE, dataframe = "columns", na = "null", pretty = FALSE)
