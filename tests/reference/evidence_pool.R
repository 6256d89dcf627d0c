# Reference values for tests/evidence: metafor, with every iteration run to the end.
# Run: Rscript tests/reference/evidence_pool.R > tests/reference/evidence_pool.json
suppressMessages({library(metafor); library(jsonlite)})

ctrl <- list(threshold = 1e-15, maxiter = 10000, tol = 1e-14)
fit <- function(yi, vi, method, test, mods = NULL) {
  if (is.null(mods)) rma(yi, vi, method = method, test = test, control = ctrl)
  else rma(yi, vi, mods = mods, method = method, test = test, control = ctrl)
}

set.seed(20)
random_set <- function(k, tau2) {
  vi <- runif(k, 0.005, 0.3)
  list(yi = rnorm(k, 0.3, sqrt(vi + tau2)), vi = vi)
}
hl <- list(yi = c(.27,.06,.44,0,.40,.54,.15,.60,1.61,.37,1.05,.15,.51,.01,.25,1.39,.45,.35,.41,.68,-.03),
           vi = c(.36,.15,.09,.18,.16,.22,.12,.30,.14,.33,.30,.10,.16,.22,.17,.28,.31,.33,.07,.25,.26)^2)
bcg <- escalc(measure = "RR", ai = tpos, bi = tneg, ci = cpos, di = cneg, data = dat.bcg)
sets <- list(
  hl21 = hl,
  bcg = list(yi = as.numeric(bcg$yi), vi = as.numeric(bcg$vi)),
  homogeneous = list(yi = c(.30,.31,.29,.305,.30), vi = c(.04,.05,.03,.06,.02)),
  homogeneous_unequal = list(yi = c(.10,.35,.22,.18,.41,.05), vi = c(.09,.25,.01,.04,.16,.30)),
  identical = list(yi = rep(.2, 4), vi = c(.01,.02,.03,.04)),
  two = list(yi = c(.1, .9), vi = c(.02, .05)),
  two_alike = list(yi = c(.1, .12), vi = c(.02, .05)),
  one = list(yi = .4, vi = .03),
  three = random_set(3, .1), seven = random_set(7, .02), large = random_set(60, .2), tiny = random_set(12, 0)
)
number <- function(x) if (length(x) == 0 || is.null(x)) NA else as.numeric(x)[1]
pooled <- function(s, method, test) {
  r <- fit(s$yi, s$vi, method, test)
  p <- predict(r)
  ci <- if (method != "FE" && r$k > 1) suppressWarnings(confint(r, control = list(tol = 1e-15, maxiter = 10000, tau2.max = 1e6))$random["tau^2", ]) else c(NA, NA, NA)
  list(method = method, test = test, estimate = number(r$beta), se = r$se, ci_low = r$ci.lb, ci_high = r$ci.ub,
       pi_low = number(p$pi.lb), pi_high = number(p$pi.ub), tau2 = r$tau2, tau2_ci_low = number(ci[2]),
       tau2_ci_high = number(ci[3]), q = r$QE, q_p = r$QEp, i2 = r$I2, k = r$k)
}
grid <- expand.grid(method = c("FE", "DL", "PM", "REML"), test = c("z", "knha"), stringsAsFactors = FALSE)
pools <- lapply(sets, function(s) list(yi = s$yi, vi = s$vi, results =
  lapply(seq_len(nrow(grid)), function(i) pooled(s, grid$method[i], grid$test[i]))))

coefficients <- function(r) list(estimate = as.numeric(r$beta), se = r$se, ci_low = r$ci.lb, ci_high = r$ci.ub,
  t = r$zval, p = r$pval, df = number(r$ddf), vcov = as.numeric(vcov(r)))
regressions <- lapply(seq_len(nrow(grid)), function(i) {
  r <- fit(sets$bcg$yi, sets$bcg$vi, grid$method[i], grid$test[i], cbind(ablat = dat.bcg$ablat, year = dat.bcg$year))
  c(list(method = grid$method[i], test = grid$test[i], tau2 = r$tau2, q_residual = r$QE, q_residual_p = r$QEp,
         q_moderators = r$QM, q_moderators_p = r$QMp, r2 = number(r$R2)), coefficients(r))
})
# one tau2 for all, moderators in three groups of allocation
groups <- rma(sets$bcg$yi, sets$bcg$vi, mods = ~ factor(alloc), data = dat.bcg, test = "z", control = ctrl)
by_alloc <- lapply(split(seq_len(13), dat.bcg$alloc), function(i) pooled(list(yi = sets$bcg$yi[i], vi = sets$bcg$vi[i]), "REML", "z"))
between <- rma(sapply(by_alloc, `[[`, "estimate"), sei = sapply(by_alloc, `[[`, "se"), mods = ~ names(by_alloc), method = "FE")

cluster <- c(1,1,2,3,3,3,4,5,6,6,7,8,8)
robust_of <- function(r) { x <- robust(r, cluster = cluster, clubSandwich = FALSE)
  list(estimate = as.numeric(x$beta), se = x$se, ci_low = x$ci.lb, ci_high = x$ci.ub, p = x$pval, df = number(x$dfs)) }
plain <- fit(sets$bcg$yi, sets$bcg$vi, "REML", "z")
modded <- fit(sets$bcg$yi, sets$bcg$vi, "REML", "z", cbind(ablat = dat.bcg$ablat))
fixed <- fit(sets$bcg$yi, sets$bcg$vi, "FE", "z")

influence_of <- function(s, test) { r <- fit(s$yi, s$vi, "REML", test); x <- influence(r)$inf
  l <- leave1out(r)
  list(test = test, rstudent = x$rstudent, dffits = x$dffits, cook = x$cook.d, cov_ratio = x$cov.r, tau2 = x$tau2.del,
       q = x$QE.del, hat = x$hat, weight = x$weight, estimate = l$estimate, se = l$se, ci_low = l$ci.lb, ci_high = l$ci.ub) }

bias <- lapply(sets[c("hl21", "bcg", "seven", "large")], function(s) {
  r <- fit(s$yi, s$vi, "REML", "z")
  e <- regtest(r, model = "lm")
  m <- summary(lm(yi ~ sqrt(vi), weights = 1 / vi, data = s))$coefficients
  pe <- summary(lm(yi ~ vi, weights = 1 / vi, data = s))$coefficients
  tf <- lapply(c("left", "right"), function(side) { t <- trimfill(r, estimator = "L0", side = side, control = ctrl)
    list(side = side, k0 = t$k0, estimate = number(t$beta), se = t$se, tau2 = t$tau2, fill = as.numeric(t$yi[t$fill])) })
  auto <- trimfill(r, estimator = "L0", control = ctrl)
  list(egger_t = e$zval, egger_df = number(e$dfs), egger_p = e$pval, pet = m[1, ], pet_slope = m[2, ], peese = pe[1, ],
       trimfill = tf, auto_side = auto$side, auto_k0 = auto$k0)
})

selection <- lapply(sets[c("hl21", "bcg", "large")], function(s) {
  lapply(c("greater", "less"), function(alt) {
    ml <- rma(s$yi, s$vi, method = "ML", control = ctrl)
    x <- selmodel(ml, type = "stepfun", steps = .025, alternative = alt,
             control = list(optimizer = "optim", optmethod = "BFGS", reltol = 1e-16, maxit = 100000))
    list(alternative = alt, estimate = number(x$beta), se = x$se, tau2 = x$tau2, delta = x$delta[2], se_delta = x$se.delta[2],
         loglik = as.numeric(logLik(x)), lrt = number(x$LRT), lrt_p = number(x$LRTp))
  })
})

conversions <- list(
  smcc = (function() { x <- escalc(measure = "SMCC", m1i = 40.2, m2i = 45.1, sd1i = 8.8, sd2i = 9.9, ni = 43, ri = .6)
    c(as.numeric(x$yi), as.numeric(x$vi)) })(),
  smd_exact_factor = metafor:::.cmicalc(c(5, 20, 98)),
  ztor = transf.ztor(.549306144334055), rtoz = transf.rtoz(.5))

cat(toJSON(list(versions = list(R = R.version.string, metafor = as.character(packageVersion("metafor"))),
  pools = pools, regressions = regressions, ablat = dat.bcg$ablat, year = dat.bcg$year, alloc = dat.bcg$alloc,
  groups = c(coefficients(groups), list(tau2 = groups$tau2, qm = groups$QM, qmp = groups$QMp)),
  by_alloc = by_alloc, between = list(q = between$QM, p = between$QMp, df = number(between$m)),
  cluster = cluster, robust = list(plain = robust_of(plain), ablat = robust_of(modded), fixed = robust_of(fixed)),
  influence = list(influence_of(sets$hl21, "z"), influence_of(sets$bcg, "knha")),
  bias = bias, selection = selection, conversions = conversions), digits = NA, auto_unbox = TRUE, na = "null", pretty = TRUE))
