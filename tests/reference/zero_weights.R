# Rows of weight 0 in R `survey`: which of its numbers count them; writes zero_weights.json beside this file.
# Run: Rscript tests/reference/zero_weights.R
suppressMessages({library(survey); library(jsonlite)})
here <- dirname(sub("--file=", "", grep("--file=", commandArgs(FALSE), value = TRUE)))
options(survey.lonely.psu = "average", warn = -1)

# Stratum 1 has one PSU; in stratum 4 only rows of weight 0 are in group a.
rows <- data.frame(s = rep(1:4, each = 6),
  p = c(1, 1, 1, 1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4, 5, 5, 5, 6, 6, 6, 7, 7, 7),
  w = c(1, 2, 1, 1.5, 1, 3, 1, 2, 1, 1.5, 1, 3, 2, 1, 1, 2, 1, 1, 0, 1, 1, 0, 2, 1),
  y = c(0, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 1, 1, 0, 1, 0, 0, 1),
  g = c(rep("a", 18), "a", "b", "b", "a", "b", "b"))
all <- svydesign(ids = ~p, strata = ~s, weights = ~w, data = rows, nest = TRUE)
counted <- subset(all, w > 0)
numbers <- function(design) {
  a <- subset(design, g == "a")
  list(se_of_a = as.numeric(SE(svymean(~y, a))), strata_of_a = length(unique(a$strata[, 1])), rows = nrow(design),
    beta = as.numeric(confint(svyciprop(~y, design, method = "beta"))))
}
write_json(list(versions = list(R = R.version.string, survey = as.character(packageVersion("survey"))), rows = rows,
  all_rows = numbers(all), rows_with_weight = numbers(counted)), file.path(here, "zero_weights.json"),
  digits = NA, auto_unbox = TRUE, pretty = TRUE)
