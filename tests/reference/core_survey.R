# Reference values of the estimation core from R `survey`; writes core_survey.json beside this file.
# Run: Rscript tests/reference/core_survey.R
suppressMessages({library(survey); library(jsonlite)})
here <- dirname(sub("--file=", "", grep("--file=", commandArgs(FALSE), value = TRUE)))
data(api); data(nhanes); data(scd)
tight <- list(epsilon = 1e-15, maxit = 200)

# ---- data: R's own sets, and small ones made here --------------------------------------------------------------
nhanes8 <- subset(nhanes, SDMVSTRA <= 82)
names(nhanes8) <- c("psu", "stratum", "weight", "chol", "race", "agecat", "sex")
nhanes8$agecat <- as.character(nhanes8$agecat)
strat <- with(apistrat, data.frame(stype = as.character(stype), weight = pw, api00, enroll,
  met = as.integer(sch.wide == "Yes"), awards = as.integer(awards == "Yes"), meals))
clus1 <- with(apiclus1, data.frame(stype = as.character(stype), psu = dnum, weight = pw, api00, enroll,
  met = as.integer(sch.wide == "Yes"), awards = as.character(awards)))
clus2 <- with(apiclus2, data.frame(stype = as.character(stype), psu = dnum, weight = pw, api00, enroll,
  met = as.integer(sch.wide == "Yes")))
scd1 <- with(scd, data.frame(stratum = ESA, psu = ambulance, alive, arrests))
set.seed(20240501)
n <- 240
small <- data.frame(stratum = sample(letters[1:5], n, TRUE), psu = sample(1:4, n, TRUE),
  weight = round(rgamma(n, 2, 1), 3), group = sample(c("x", "y", "z"), n, TRUE),
  age = sample(c("16-34", "35-64", "65+"), n, TRUE), y = rbinom(n, 1, 0.3), score = round(rnorm(n, 50, 10), 2))
small$y[sample(n, 15)] <- NA
small$score[sample(n, 10)] <- NA
small$weight[sample(n, 6)] <- 0
# Group x says always yes and group y never, so that proportions of 0 and 1 occur.
small$extreme <- ifelse(small$group == "x", 1L, ifelse(small$group == "y", 0L, small$y))
# Strata s and t have one PSU each; group z has nobody in them.
lonely <- rbind(small[small$weight > 0, ], within(small[1:20, ], {stratum <- rep(c("s", "t"), 10); psu <- 1
  group <- rep(c("x", "y"), each = 10); weight <- 1 + (1:20) / 10}))
# postStratify gives rows of weight 0 a share of the cell mean, so standardisation is compared without them.
positive <- small[small$weight > 0, ]
sets <- list(positive = positive, nhanes8 = nhanes8, strat = strat, clus1 = clus1, clus2 = clus2, scd1 = scd1, small = small,
  lonely = lonely)

bind <- function(data, stratum = NULL, psu = NULL, weight = NULL, nest = TRUE) {
  d <- sets[[data]]
  f <- function(x) if (is.null(x)) NULL else as.formula(paste0("~", x))
  svydesign(ids = if (is.null(psu)) ~1 else f(psu), strata = f(stratum), nest = !is.null(psu) && !is.null(stratum),
    weights = if (is.null(weight)) ~rep(1, nrow(d)) else f(weight), data = d)
}

# ---- one domain ----------------------------------------------------------------------------------------------------
logit_ci <- function(sub, df, level) {       # svyciprop(method = "logit") with the fit carried to the end
  m <- svyglm(y_ ~ 1, sub, family = quasibinomial, control = tight)
  plogis(as.numeric(confint(m, 1, level = level, method = "Wald", ddf = df)))
}
one <- function(sub, ci, level) {
  m <- svymean(~y_, sub, deff = "replace")
  p <- as.numeric(coef(m)); v <- as.numeric(vcov(m)); df <- degf(sub); n <- sum(weights(sub) != 0); a <- 1 - level
  edge <- ci != "t" && (p == 0 || p == 1)
  neff <- if (edge) n else p * (1 - p) / v * (qt(a / 2, n - 1) / qt(a / 2, df))^2
  z2 <- qnorm(a / 2)^2
  limits <- if (ci == "t") as.numeric(confint(m, level = level, df = df))
    else if (edge && ci != "wilson") c(if (p == 0) 0 else qbeta(a / 2, n * p, 1), if (p == 1) 1 else qbeta(1 - a / 2, 1, n))
    else if (ci == "logit") logit_ci(sub, df, level)
    else if (ci == "beta") c(qbeta(a / 2, neff * p, neff * (1 - p) + 1), qbeta(1 - a / 2, neff * p + 1, neff * (1 - p)))
    else (p + z2 / (2 * neff) + c(-1, 1) * sqrt(z2 * (p * (1 - p) / neff + z2 / (4 * neff^2)))) / (1 + z2 / neff)
  if (ci == "beta" && !edge && all(weights(sub) > 0))   # the formula above is svyciprop's own
    stopifnot(max(abs(limits - attr(svyciprop(~y_, sub, method = "beta", level = level), "ci"))) < 1e-12)
  list(estimate = p, se = sqrt(v), ci_low = limits[1], ci_high = limits[2], n = n, df = df,
    deff = as.numeric(deff(m)))
}

cases <- list()
add <- function(data, outcome, by = NULL, where = NULL, ci = "logit", level = 0.95, rule = "fail", ...) {
  options(survey.lonely.psu = rule)
  design <- bind(data, ...)
  design$variables$y_ <- design$variables[[outcome]]
  keep <- !is.na(design$variables$y_) & weights(design) > 0
  if (!is.null(where)) keep <- keep & with(design$variables, eval(parse(text = where$r))) %in% TRUE
  groups <- if (is.null(by)) data.frame(all = 1) else unique(design$variables[keep, by, drop = FALSE])
  if (!is.null(by)) groups <- groups[do.call(order, c(groups, method = "radix")), , drop = FALSE]
  rows <- lapply(seq_len(nrow(groups)), function(i) {
    inside <- keep
    for (b in by) inside <- inside & design$variables[[b]] == groups[i, b]
    c(if (!is.null(by)) as.list(groups[i, , drop = FALSE]), one(subset(design, inside), ci, level))
  })
  cases[[length(cases) + 1]] <<- list(data = data, design = list(...), rule = rule, outcome = outcome, by = by,
    where = where$python, ci = ci, level = level, rows = rows)
}
N8 <- list("nhanes8", stratum = "stratum", psu = "psu", weight = "weight")
for (ci in c("logit", "beta", "wilson")) for (level in c(0.95, 0.8))
  do.call(add, c(N8, list(outcome = "chol", by = c("race", "agecat"), ci = ci, level = level)))
do.call(add, c(N8, list(outcome = "chol")))
do.call(add, c(N8, list(outcome = "chol", by = "sex", where = list(r = "race >= 2 & agecat != '(0,19]'",
  python = "race >= 2 and agecat != '(0,19]'"))))
for (ci in c("logit", "beta", "wilson")) {
  add("strat", "met", "stype", ci = ci, stratum = "stype", weight = "weight")
  add("clus1", "met", "stype", ci = ci, psu = "psu", weight = "weight")
  add("clus2", "met", ci = ci, psu = "psu", weight = "weight")
  add("strat", "met", "stype", ci = ci)
  add("small", "extreme", "group", ci = ci, stratum = "stratum", psu = "psu", weight = "weight")
  add("small", "y", c("group", "age"), ci = ci, stratum = "stratum", psu = "psu", weight = "weight")
}
for (y in c("api00", "enroll")) {
  add("strat", y, "stype", ci = "t", stratum = "stype", weight = "weight")
  add("strat", y, ci = "t", stratum = "stype", weight = "weight", where = list(r = "meals > 50", python = "meals > 50"))
  add("clus1", y, ci = "t", psu = "psu", weight = "weight")
  add("clus2", y, "stype", ci = "t", psu = "psu", weight = "weight")
  add("strat", y, ci = "t")
}
add("scd1", "alive", ci = "t", stratum = "stratum", psu = "psu")
add("small", "score", c("age", "group"), ci = "t", level = 0.9, stratum = "stratum", psu = "psu", weight = "weight")
for (rule in c("adjust", "average", "certainty", "remove")) {
  add("lonely", "y", "group", rule = rule, stratum = "stratum", psu = "psu", weight = "weight")
  add("lonely", "y", rule = rule, stratum = "stratum", psu = "psu", weight = "weight")
  add("lonely", "score", c("group", "age"), ci = "t", rule = rule, stratum = "stratum", psu = "psu", weight = "weight")
}
add("lonely", "y", where = list(r = "group == 'z'", python = "group == 'z'"), stratum = "stratum", psu = "psu",
  weight = "weight")

# ---- standardisation, test of association, covariance across domains, replicates -------------------------------
options(survey.lonely.psu = "fail")
dn <- do.call(bind, N8)
ages <- sort(unique(nhanes8$agecat)); pop <- c(0.30, 0.28, 0.26, 0.16)
st <- svystandardize(dn, by = ~agecat, over = ~race, population = pop, excluding.missing = ~chol)
by_race <- svyby(~chol, ~race, st, svymean, deff = "replace")
ds <- bind("positive", stratum = "stratum", psu = "psu", weight = "weight")
st2 <- svystandardize(ds, by = ~age, over = ~group, population = c(5, 3, 2), excluding.missing = ~score)
by_group <- svyby(~score, ~group, st2, svymean)
standardised <- list(
  list(data = "nhanes8", outcome = "chol", by = "race", over = "agecat", binary = TRUE,
    population = as.list(setNames(pop, ages)), estimate = as.numeric(coef(by_race)), se = as.numeric(SE(by_race)),
    deff = as.numeric(by_race[["DEff.chol"]])),
  list(data = "positive", outcome = "score", by = "group", over = "age", binary = FALSE,
    population = as.list(setNames(c(5, 3, 2), sort(unique(positive$age)))), estimate = as.numeric(coef(by_group)),
    se = as.numeric(SE(by_group))))

chisq <- function(data, formula, outcome, by, ...) {
  r <- svychisq(formula, bind(data, ...))
  list(data = data, design = list(...), outcome = outcome, by = by, statistic = as.numeric(r$statistic),
    df1 = as.numeric(r$parameter[1]), df2 = as.numeric(r$parameter[2]), p = as.numeric(r$p.value))
}
tests <- list(
  chisq("nhanes8", ~chol + race, "chol", "race", stratum = "stratum", psu = "psu", weight = "weight"),
  chisq("nhanes8", ~race + agecat, "race", "agecat", stratum = "stratum", psu = "psu", weight = "weight"),
  chisq("strat", ~met + stype, "met", "stype", stratum = "stype", weight = "weight"),
  chisq("clus1", ~met + stype, "met", "stype", psu = "psu", weight = "weight"))

dn <- subset(dn, !is.na(chol))
vcov_race <- vcov(svyby(~chol, ~race, dn, svymean, covmat = TRUE))

replicate_case <- function(data, outcome, by, type, ..., n = NULL) {
  d <- bind(data, ...)
  set.seed(7)
  r <- if (is.null(n)) as.svrepdesign(d, type = type, mse = TRUE, compress = FALSE)
    else as.svrepdesign(d, type = type, replicates = n, mse = TRUE, compress = FALSE)
  w <- weights(r, "analysis")
  r <- subset(r, !is.na(r$variables[[outcome]]))
  est <- svyby(as.formula(paste0("~", outcome)), as.formula(paste0("~", by)), r, svymean)
  list(data = data, design = list(...), outcome = outcome, by = by, type = type, scale = r$scale,
    rscales = r$rscales, weights = matrix(as.numeric(w), nrow(w)), estimate = as.numeric(coef(est)), se = as.numeric(SE(est)))
}
replicates <- list(
  replicate_case("clus2", "met", "stype", "subbootstrap", psu = "psu", weight = "weight", n = 40),
  replicate_case("small", "score", "group", "subbootstrap", stratum = "stratum", psu = "psu", weight = "weight", n = 40),
  replicate_case("small", "score", "group", "JKn", stratum = "stratum", psu = "psu", weight = "weight"),
  replicate_case("clus1", "api00", "stype", "JK1", psu = "psu", weight = "weight"))

out <- list(versions = list(R = R.version.string, survey = as.character(packageVersion("survey"))), data = sets,
  cases = cases, standardised = standardised, tests = tests, vcov = list(data = "nhanes8", outcome = "chol",
  by = "race", vcov = unname(vcov_race)), replicates = replicates)
write(toJSON(out, auto_unbox = TRUE, digits = I(17), na = "null", dataframe = "columns", null = "null"),
  file.path(here, "core_survey.json"))
