# Overlap of conditions, correlations and transitions between waves under a design, from R `survey`; the bivariate
# normal distribution from `mvtnorm`, the tetrachoric correlation from `psych`. Writes panel_overlap.json here.
# Run: Rscript tests/reference/panel_overlap.R
suppressMessages({library(survey); library(mvtnorm); library(psych); library(jsonlite)})
here <- dirname(sub("--file=", "", grep("--file=", commandArgs(FALSE), value = TRUE)))
set.seed(20261124)
n <- 400
psu <- rep(1:40, each = 10); stratum <- (psu - 1) %/% 5 + 1
true <- rnorm(n) + rnorm(40, sd = .4)[psu]
later <- .8 * true + .6 * rnorm(n)
yes <- function(x, cut) as.integer(x + rnorm(n, sd = .7) > cut)
wide <- data.frame(person = sprintf("p%03d", 1:n), stratum, psu, weight = round(exp(rnorm(n, sd = .5)), 3),
  lonely = yes(true, .8), isolated = yes(.4 * true, 1), alone = yes(.2 * true, .9),
  lonely2 = yes(later, .8), score = round(2 * true + rnorm(n), 1), score2 = round(2 * later + rnorm(n), 1),
  size = round(exp(.3 * true + rnorm(n, sd = .4)), 2))
wide$isolated[sample(n, 12)] <- NA; wide$score[sample(n, 9)] <- NA
gone <- sample(n, 60); wide$lonely2[gone] <- NA; wide$score2[gone] <- NA
design <- svydesign(ids = ~psu, strata = ~stratum, weights = ~weight, data = wide, nest = TRUE)
tight <- list(epsilon = 1e-15, maxit = 200)

proportion <- function(y, sub) {
  sub$variables$y_ <- as.integer(y)
  m <- svymean(~y_, sub, deff = "replace"); fit <- svyglm(y_ ~ 1, sub, family = quasibinomial, control = tight)
  ci <- plogis(as.numeric(confint(fit, 1, method = "Wald", ddf = degf(sub))))
  list(estimate = as.numeric(coef(m)), se = as.numeric(SE(m)), ci_low = ci[1], ci_high = ci[2], n = nrow(sub$variables),
    df = degf(sub), deff = as.numeric(deff(m)))
}

# ---- overlap: rows in the order TTT, TTF, TFT, ... -------------------------------------------------------------
complete <- subset(design, !is.na(isolated))
v <- complete$variables
rows <- expand.grid(alone = 1:0, isolated = 1:0, lonely = 1:0)
overlap <- lapply(seq_len(8), function(i) proportion(
  v$lonely == rows$lonely[i] & v$isolated == rows$isolated[i] & v$alone == rows$alone[i], complete))

# ---- correlations of score, size and lonely --------------------------------------------------------------------
answered <- subset(design, !is.na(score))
pairs <- list(c("size", "score"), c("lonely", "score"), c("lonely", "size"))
corr <- function(a, b, sub) {
  m <- svyvar(as.formula(paste("~", a, "+", b)), sub); v <- vcov(m); s <- as.matrix(m)[c(a, b), c(a, b)]
  r <- s[1, 2] / sqrt(s[1, 1] * s[2, 2])
  g <- c(-r / (2 * s[1, 1]), 1 / (2 * sqrt(s[1, 1] * s[2, 2])), 1 / (2 * sqrt(s[1, 1] * s[2, 2])), -r / (2 * s[2, 2]))
  se <- sqrt(as.numeric(g %*% v %*% g)); h <- qt(.975, degf(sub)) * se / (1 - r^2)
  list(estimate = r, se = se, ci_low = tanh(atanh(r) - h), ci_high = tanh(atanh(r) + h), n = nrow(sub$variables), df = degf(sub))
}
correlation <- lapply(pairs, function(p) c(list(variable = p[1], with_variable = p[2]), corr(p[1], p[2], answered)))

# ---- transitions and stability ---------------------------------------------------------------------------------
seen <- subset(design, !is.na(lonely2))
state <- expand.grid(after = 0:1, before = 0:1)
transitions <- lapply(seq_len(4), function(i) {
  sub <- subset(seen, lonely == state$before[i])
  c(list(before = state$before[i], after = state$after[i]), proportion(sub$variables$lonely2 == state$after[i], sub))
})
both <- subset(design, !is.na(score) & !is.na(score2))
stability <- corr("score", "score2", both)

phi2 <- function(h, k, r) as.numeric(pmvnorm(upper = c(h, k), corr = matrix(c(1, r, r, 1), 2), algorithm = TVPACK(abseps = 1e-15)))
solve_r <- function(p) uniroot(function(r) phi2(qnorm(p[1]), qnorm(p[2]), r) - p[3], c(-.999, .999), tol = 1e-15)$root
without_error <- function(p, reliability) {
  joint <- phi2(qnorm(p[1]), qnorm(p[2]), solve_r(p) / reliability)
  c(again = joint / p[1], newly = (p[2] - joint) / (1 - p[1]))
}
seen <- update(seen, twice = lonely * lonely2)
m <- svymean(~lonely + lonely2 + twice, seen); p <- as.numeric(coef(m))
slopes <- function(reliability) sapply(1:3, function(j) {      # five-point derivative
  at <- function(step) { q <- p; q[j] <- q[j] + step; without_error(q, reliability) }
  e <- 1e-3; (8 * (at(e) - at(-e)) - (at(2 * e) - at(-2 * e))) / (12 * e)
})
persistence <- lapply(c(1, .9, .75), function(k) {
  g <- slopes(k)
  list(reliability = k, estimate = as.numeric(without_error(p, k)), se = sqrt(diag(g %*% vcov(m) %*% t(g))))
})
grid <- expand.grid(h = c(-1.6, -.4, .3, 1.2), k = c(-1.5, 0, .8), r = c(-.9, -.3, 0, .5, .97))
grid$p <- mapply(phi2, grid$h, grid$k, grid$r)
table <- matrix(c(60, 15, 22, 103), 2)
write_json(list(versions = list(R = R.version.string, survey = as.character(packageVersion("survey")),
    mvtnorm = as.character(packageVersion("mvtnorm")), psych = as.character(packageVersion("psych"))),
  data = wide, overlap = overlap, correlation = correlation, transitions = transitions, stability = stability,
  persistence = persistence, bivariate_normal = grid,
  tetrachoric = list(table = table, rho = tetrachoric(table, correct = 0)$rho)),
  file.path(here, "panel_overlap.json"), digits = NA, auto_unbox = TRUE, dataframe = "columns", na = "null")
