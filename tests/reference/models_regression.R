# Reference values for regress, wald, average_effect, margins, and regress with replicates.
# Writes models_regression.json: the data, the values, and the versions that computed them.
# Run: Rscript models_regression.R
suppressMessages({
  library(survey)
  library(Hmisc)
  library(jsonlite)
})
options(warn = -1)   # R warns that rows of weight 0 do not count
set.seed(40041)

n <- 480
stratum <- rep(1:6, each = 80)
psu <- rep(1:4, times = 6, each = 20)                   # PSU codes repeat in every stratum
cluster <- rnorm(24, sd = 0.3)[(stratum - 1) * 4 + psu]
age <- sample(18:85, n, replace = TRUE)
income <- round(rlnorm(n, 3, 0.5), 2)
year <- sample(2002:2018, n, replace = TRUE)
sex <- sample(c("female", "male"), n, replace = TRUE)
country <- sample(c("DK", "NO", "SE", "FI"), n, replace = TRUE, prob = c(4, 3, 2, 1))
lonely <- rbinom(n, 1, 0.3)
weight <- round(runif(n, 0.2, 4), 3)
weight[c(5, 77)] <- 0
eta <- -1.2 + 0.02 * (age - 50) + 0.6 * lonely + 0.3 * (sex == "male") * lonely + 0.2 * (country == "NO") + cluster
ill <- rbinom(n, 1, plogis(eta))
score <- round(5 + eta + 0.01 * income + rnorm(n), 3)
visits <- rpois(n, exp(0.3 + 0.3 * eta))
ill[c(3, 150)] <- NA
income[c(10, 200, 201)] <- NA
data <- data.frame(stratum, psu, weight, age, income, year, sex, country, lonely, ill, score, visits)

design <- svydesign(ids = ~psu, strata = ~stratum, weights = ~weight, data = data, nest = TRUE)
tight <- glm.control(epsilon = 1e-14, maxit = 100)
logistic <- quasibinomial(); poisson <- quasipoisson(); linear <- gaussian()
values <- function(m) {
  b <- coef(m); v <- vcov(m); df <- m$df.residual
  list(term = names(b), estimate = unname(b), vcov = unname(v), df = df,
       p = unname(2 * pt(-abs(b / sqrt(diag(v))), df)), ci = unname(confint(m, ddf = df)))
}
# The second fit starts from the first: R takes the information from the step before the last.
fit <- function(formula, family, d = design) {
  first <- svyglm(formula, design = d, family = family, control = tight)
  eval(bquote(svyglm(formula, design = d, family = family, control = tight, start = .(unname(coef(first))))))
}
test <- function(m, term) {
  w <- regTermTest(m, term)
  list(F = as.numeric(w$Ftest), df1 = w$df, df2 = w$ddf, p = as.numeric(w$p))
}
out <- list()

main <- fit(ill ~ lonely + age + sex + country, logistic)
out$logistic <- c(values(main), list(wald_country = test(main, ~country)))
both <- fit(ill ~ lonely * sex + age + income + relevel(factor(country), "NO"), logistic)
out$interaction <- c(values(both), list(wald = test(both, ~lonely:sex)))
out$poisson <- values(fit(ill ~ lonely + age + sex + country, poisson))
out$counts <- values(fit(visits ~ lonely * age + log(income), poisson))
out$linear <- values(fit(score ~ lonely + income + I(age^2) + age + sex * country, linear))
out$years <- values(fit(score ~ year + I(year^2) + lonely, linear))
out$domain <- values(fit(ill ~ lonely + sex + income, logistic, subset(design, age >= 40)))

knots <- quantile(data$age[data$weight > 0 & !is.na(data$ill)], c(0.05, 0.35, 0.65, 0.95))
curves <- rcspline.eval(data$age, knots = knots, inclx = TRUE)
bent <- update(design, age1 = curves[, 1], age2 = curves[, 2], age3 = curves[, 3])
curve <- fit(ill ~ age1 + age2 + age3 + sex, logistic, bent)
out$spline <- c(values(curve), list(knots = unname(knots)))

# Standardisation: the part of svypredmeans that holds the covariates fixed, and contrasts of it.
complete <- update(subset(design, !is.na(ill)), country = factor(country), sex = factor(sex))
means <- function(formula, family, group) {
  m <- eval(bquote(svyglm(.(formula), design = complete, family = .(family), control = tight)), globalenv())
  p <- svypredmeans(m, group)
  v <- attr(attr(p, "var"), "parts")[[1]]
  order <- order(names(p))
  list(level = names(p)[order], mean = unname(coef(p))[order], vcov = unname(v[order, order]))
}
out$margins_lonely <- means(ill ~ age + sex + country, quote(quasibinomial()), ~lonely)
out$margins_country <- means(ill ~ age + sex + lonely, quote(quasibinomial()), ~country)
out$margins_poisson <- means(ill ~ age + sex + country, quote(quasipoisson()), ~lonely)

# Predictions for new rows.
new <- data.frame(lonely = c(0, 1, 1), age = c(20, 50, 90), sex = c("male", "female", "male"),
                  country = c("SE", "DK", "NO"))
predicted <- function(m) {
  p <- predict(m, new, type = "response", se.fit = TRUE)
  list(mean = as.numeric(p), se = as.numeric(SE(p)))
}
out$predicted <- list(new = as.list(new), logistic = predicted(main),
                      poisson = predicted(fit(ill ~ lonely + age + sex + country, poisson)))

# Replicates: jackknife, and a bootstrap whose multipliers are stored.
jack <- as.svrepdesign(design, type = "JKn", mse = TRUE)
out$jackknife <- values(fit(ill ~ lonely + age + sex, logistic, jack))
boot <- as.svrepdesign(design, type = "subbootstrap", replicates = 40, mse = TRUE)
multipliers <- unique(cbind(stratum, psu, as.matrix(boot$repweights)))
out$bootstrap <- list(
  stratum = multipliers[, 1], psu = multipliers[, 2], multipliers = unname(multipliers[, -(1:2)]),
  logistic = values(fit(ill ~ lonely + age + sex, logistic, boot)),
  mixed = values(fit(ill ~ lonely + income, logistic, boot)),
  linear = values(fit(score ~ lonely * income, linear, boot)),
  poisson = values(fit(visits ~ lonely + age, poisson, boot))
)

versions <- list(R = R.version.string, survey = as.character(packageVersion("survey")),
                 Hmisc = as.character(packageVersion("Hmisc")))
write(toJSON(list(versions = versions, data = as.list(data), values = out), digits = I(17), auto_unbox = TRUE,
             na = "null"), "models_regression.json")
