# Prints the best seconds that R needs for a task: Rscript peer.R task file [n]
suppressMessages(library(survey))
arguments <- commandArgs(TRUE)
task <- arguments[1]
seconds <- function(f) { t <- proc.time()[["elapsed"]]; f(); proc.time()[["elapsed"]] - t }
best <- function(f, rounds = 3) {
  first <- seconds(f)
  if (first > 10) return(first)
  min(vapply(seq_len(rounds), function(i) seconds(f), 0))
}
if (task == "pool") {
  suppressMessages(library(metafor))
  set.seed(1); k <- 148; n <- as.integer(arguments[2])
  tables <- lapply(seq_len(n), function(i) { vi <- rchisq(k, 4) / 100 + 0.001; list(yi = rnorm(k, 0.3, sqrt(vi + 0.05)), vi = vi) })
  time <- best(function() for (t in tables) rma(t$yi, t$vi, method = "REML", test = "knha"), 1)
} else {
  frame <- read.csv(arguments[2], stringsAsFactors = TRUE)
  design <- svydesign(~psu, strata = ~stratum, weights = ~weight, data = frame)
  time <- switch(task,
    domains = best(function() svyby(~lonely, ~country + age, design, svymean)),
    overall = best(function() svymean(~lonely, design)),
    logistic = best(function() svyglm(lonely ~ age + sex + income, design, family = quasibinomial)),
    poisson = best(function() svyglm(lonely ~ age + sex + income, design, family = quasipoisson)),
    refits = {
      set.seed(1)
      made <- as.svrepdesign(design, type = "subbootstrap", replicates = as.integer(arguments[3]), mse = TRUE)
      best(function() svyglm(lonely ~ age + sex + income, made, family = quasibinomial))
    },
    replicates = {
      set.seed(1)
      made <- as.svrepdesign(design, type = "subbootstrap", replicates = as.integer(arguments[3]), mse = TRUE)
      best(function() svyby(~lonely, ~country + age, made, svymean))
    })
}
cat(time, "\n")
