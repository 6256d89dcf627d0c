# Reference values for cox, proportional_hazards, survival_curves and concordance.
# Writes survival_cox.json: the data, the values, and the versions that computed them.
# Run: Rscript survival_cox.R
suppressMessages({
  library(survival)
  library(survey)
  library(jsonlite)
})
set.seed(20030)

n <- 240
stratum <- rep(1:8, each = 30)
psu <- rep(1:24, each = 10)
lonely <- rbinom(n, 1, 0.3)
age <- round(runif(n, 40, 90), 1)
sex <- sample(c("female", "male"), n, replace = TRUE)
smoking <- sample(0:2, n, replace = TRUE)
weight <- round(runif(n, 0.2, 4) * (1 + 0.1 * stratum), 3)
weight[c(17, 130)] <- 0
cluster <- rnorm(24, sd = 0.4)[psu]
rate <- 0.03 * exp(0.5 * lonely + 0.05 * (age - 65) + 0.3 * (sex == "male") + cluster)
survived <- rexp(n, rate)
months <- pmin(floor(survived), 24)              # whole months: many ties, and deaths in month 0
died <- as.integer(survived < 24)
entry <- pmin(floor(runif(n, 0, 6)), months - 1) # delayed entry for the rows that live through month 0
data <- data.frame(stratum, psu, lonely, age, sex, smoking, weight, months, died, entry)

tight <- coxph.control(eps = 1e-12, toler.chol = 1e-13, iter.max = 50)
values <- function(fit) list(
  estimate = unname(coef(fit)), vcov = unname(vcov(fit)), n = fit$n, loglik = fit$loglik
)
zph <- function(fit, transform = "km") {
  table <- cox.zph(fit, transform = transform)$table
  list(term = rownames(table), chi2 = unname(table[, 1]), df = unname(table[, 2]), p = unname(table[, 3]))
}
concord <- function(fit, keep = rep(TRUE, n)) {
  c_stat <- concordance(fit, influence = 1)
  z <- numeric(n)
  z[keep] <- c_stat$dfbeta
  list(estimate = unname(c_stat$concordance), var = unname(c_stat$var), count = as.list(c_stat$count), z = z)
}

positive <- data$weight > 0
data$scaled <- data$weight / mean(data$weight[positive])   # svycoxph rescales weights to mean 1
kept <- data[positive, ]
form <- Surv(months, died) ~ lonely + age + factor(sex) + factor(smoking)
plain <- coxph(form, data, ties = "efron", control = tight)
weighted <- coxph(form, kept, weights = scaled, ties = "efron", control = tight)
# x = TRUE is needed: with rows of weight 0, survey 4.1.1 otherwise pairs score residuals with the wrong rows, and the
# standard errors are up to 44 % off (the coefficients are not).
design <- svydesign(ids = ~psu, strata = ~stratum, weights = ~weight, data = data)
surveyed <- svycoxph(form, design, control = tight, x = TRUE)
domain <- svycoxph(form, subset(design, age >= 60), control = tight, x = TRUE)

# Left truncation: nobody with months 0 can be at risk in (entry, exit].
late <- data$months > 0
lateform <- Surv(entry, months, died) ~ lonely + age + factor(sex)
entered <- svycoxph(lateform, subset(design, months > 0), control = tight, x = TRUE)
late_rows <- data[late & positive, ]
late_rows$scaled <- late_rows$weight / mean(late_rows$weight)
entered_weighted <- coxph(lateform, late_rows, weights = scaled, ties = "efron", control = tight)

c_weighted <- concord(weighted, positive)
c_design <- svyrecvar(matrix(c_weighted$z), design$cluster, design$strata, design$fpc)

km <- svykm(Surv(months, died) ~ lonely, design)
km_se <- svykm(Surv(months, died) ~ lonely, design, se = TRUE)
km_all <- svykm(Surv(months, died) ~ 1, design, se = TRUE)
curve <- function(k) {
  # One row a death in R: the last of each tied month holds the whole step.
  last <- !duplicated(k$time, fromLast = TRUE)
  list(time = k$time[last], surv = unname(k$surv[last]), varlog = if (is.null(k$varlog)) NULL else unname(k$varlog[last]))
}

standardised <- function(fit, rows, weights, value, times) {
  rows$lonely <- value
  curves <- summary(survfit(fit, newdata = rows), times = times)$surv
  as.numeric(curves %*% weights / sum(weights))
}
times <- c(0, 3, 6, 12, 23)

reference <- list(
  program = list(
    R = R.version.string, survival = as.character(packageVersion("survival")),
    survey = as.character(packageVersion("survey"))
  ),
  data = data,
  plain = values(plain), weighted = values(weighted), surveyed = values(surveyed), domain = values(domain),
  entered = values(entered),
  degf = degf(design),
  zph_plain = lapply(c(km = "km", identity = "identity", rank = "rank"), function(g) zph(plain, g)),
  zph_weighted = lapply(c(km = "km", identity = "identity"), function(g) zph(weighted, g)),
  zph_entered = zph(entered_weighted),
  concordance_plain = concord(plain)[c("estimate", "var", "count")],
  concordance_weighted = c(c_weighted[c("estimate", "var", "count")], list(design_var = as.numeric(c_design))),
  concordance_entered = concord(entered_weighted, late & positive)[c("estimate", "var", "count")],
  km = lapply(unclass(km), curve), km_se = lapply(unclass(km_se), curve), km_all = curve(km_all),
  times = times,
  standardised = list(
    `0` = standardised(weighted, kept, kept$weight, 0, times), `1` = standardised(weighted, kept, kept$weight, 1, times)
  )
)
write_json(reference, "survival_cox.json", digits = NA, auto_unbox = TRUE, null = "null")
