# Rubin's rules by mitools on models fitted by survey::svyglm to five completed data sets.
# Run in this folder: Rscript imputation_pool.R
suppressMessages({library(survey); library(mitools); library(jsonlite)})
set.seed(20261126)
strata <- rep(1:5, each = 24); psu <- rep(rep(1:4, each = 6), 5); n <- length(strata)
data <- data.frame(stratum = strata, psu = psu, weight = round(exp(rnorm(n, sd = .4)), 3), age = round(rnorm(n), 2))
stress <- .5 * data$age + rnorm(n); data$poor <- rbinom(n, 1, plogis(-.4 + .7 * stress))
gap <- runif(n) < .3
sets <- lapply(1:5, function(k) transform(data, stress = round(ifelse(gap, .5 * age + rnorm(n), stress), 4)))
tight <- glm.control(epsilon = 1e-15, maxit = 100)
fits <- lapply(sets, function(d) svyglm(poor ~ stress + age,
  svydesign(ids = ~psu, strata = ~stratum, weights = ~weight, data = d, nest = TRUE), family = quasibinomial, control = tight))
pooled <- MIcombine(lapply(fits, coef), lapply(fits, vcov), df.complete = fits[[1]]$df.residual)
# Barnard and Rubin (1999), eq. 3-5, written out: mitools takes W / (W + B) for their 1 - gamma = W / T.
w <- rowMeans(sapply(fits, function(f) diag(vcov(f)))); b <- apply(sapply(fits, coef), 1, var)
gamma <- 1.2 * b / (w + 1.2 * b); old <- 4 / gamma^2; v <- fits[[1]]$df.residual
df <- 1 / (1 / old + 1 / ((v + 1) / (v + 3) * v * (1 - gamma))); r <- 1.2 * b / w
out <- list(versions = list(R = R.version.string, survey = as.character(packageVersion("survey")),
    mitools = as.character(packageVersion("mitools"))),
  data = data, stress = sapply(sets, function(d) d$stress), df_complete = fits[[1]]$df.residual,
  estimate = unname(coef(pooled)), se = unname(sqrt(diag(vcov(pooled)))), df = unname(df),
  fmi = unname((r + 2 / (df + 3)) / (r + 1)), df_mitools = unname(pooled$df))
write_json(out, "imputation_pool.json", digits = NA, auto_unbox = TRUE, dataframe = "columns", matrix = "columnmajor")
