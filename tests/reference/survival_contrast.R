# Contrasts of Cox coefficients with design covariance: survey::svycontrast on the data of survival_cox.json.
# Writes survival_contrast.json. x = TRUE is needed with rows of weight 0: see survival_cox.R.
# Run: Rscript survival_contrast.R
suppressMessages({library(jsonlite); library(survey); library(survival)})
here <- dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE)))
data <- fromJSON(file.path(here, "survival_cox.json"))$data
design <- svydesign(ids = ~psu, strata = ~stratum, weights = ~weight, data = as.data.frame(data), nest = TRUE)
fit <- svycoxph(Surv(months, died) ~ lonely + age + sex + factor(smoking), design = design,
                control = coxph.control(eps = 1e-12, toler.chol = 1e-13, iter.max = 50), x = TRUE)
wanted <- list(
  smoking_less_lonely = c("factor(smoking)2" = 1, lonely = -1),
  ten_years_and_lonely = c(age = 10, lonely = 1)
)
values <- lapply(wanted, function(w) {
  found <- svycontrast(fit, list(w))
  list(estimate = unname(coef(found)), se = unname(SE(found)[1]))
})
values$versions <- list(R = as.character(getRversion()), survey = as.character(packageVersion("survey")),
                        survival = as.character(packageVersion("survival")))
write(toJSON(values, digits = 14, auto_unbox = TRUE, pretty = TRUE), file.path(here, "survival_contrast.json"))
