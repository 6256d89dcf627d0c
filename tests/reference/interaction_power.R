# Power of an interaction: pnorm's closed form, lm(y ~ a * b) fitted to simulated studies, and glm with a log link for risks.
# Floors: the interaction of mean scores with a floor, by numerical integration. Run in this folder: Rscript interaction_power.R
suppressMessages(library(jsonlite))
set.seed(20261123)
limit <- qnorm(.975)
power <- function(d, se) pnorm(abs(d) / se - limit) + pnorm(-abs(d) / se - limit)
cells <- c(.3, .3, .2, .2); sign <- c(1, -1, -1, 1)
closed_score <- sapply(c(200, 800), function(n) power(.4, sqrt(sum(1 / (n * cells)))))
risks <- c(.12, .2, .08); both <- .7 * risks[2] * risks[3] / risks[1]; p <- c(risks, both)
closed_risk <- sapply(c(1000, 8000), function(n) power(log(.7), sqrt(sum((1 - p) / (p * n * cells)))))
# A score: the t-test of the product term in lm, many responses at once.
n <- 200; counts <- round(n * cells); a <- rep(c(0, 1, 0, 1), counts); b <- rep(c(0, 0, 1, 1), counts); reps <- 20000
y <- matrix(rnorm(n * reps), n) + .5 * a - .3 * b + .4 * a * b
X <- model.matrix(~ a * b); fit <- lm.fit(X, y); XtXi <- solve(crossprod(X))
sigma <- sqrt(colSums(fit$residuals^2) / (n - 4))
t_of <- function(w) as.vector(crossprod(w, fit$coefficients)) / (sigma * sqrt(as.numeric(t(w) %*% XtXi %*% w)))
crit <- qt(.975, n - 4)
found <- mean(abs(t_of(c(0, 0, 0, 1))) > crit)
one <- mean((abs(t_of(c(0, 1, 0, 0))) > crit) != (abs(t_of(c(0, 1, 0, 1))) > crit))
# A risk: Wald's test of the product term of a log-linear binomial model, from its four cells.
m <- 1000; size <- round(m * cells); few <- 2000
wald <- replicate(few, { k <- rbinom(4, size, p); d <- data.frame(k, size, a = c(0, 1, 0, 1), b = c(0, 0, 1, 1))
  f <- glm(cbind(k, size - k) ~ a * b, binomial("log"), d, start = c(log(k[1] / size[1]), 0, 0, 0), control = glm.control(maxit = 50))
  s <- summary(f)$coefficients["a:b", ]; abs(s[1] / s[2]) > limit })
means <- c(0, .5, -.5, 0); mixture <- function(x) mean(pnorm(x - means))
floors <- sapply(c(.1, .3, .5), function(share) uniroot(function(x) mixture(x) - share, c(-8, 8), tol = 1e-12)$root)
score <- function(m, c) integrate(function(x) pmax(x, c) * dnorm(x, m), c, m + 12, rel.tol = 1e-12)$value + c * pnorm(c - m)
made <- sapply(floors, function(c) sum(sign * c(score(0, c), score(.5, c), score(-.5, c), score(0, c))))
out <- list(versions = list(R = R.version.string), closed_score = closed_score, closed_risk = closed_risk,
  lm_found = found, lm_one_only = one, lm_reps = reps, glm_found = mean(wald), glm_reps = few, floor_interaction = made,
  needed = ceiling((limit + qnorm(.8))^2 * c(16 / .25^2, 4 / .5^2)))
write_json(out, "interaction_power.json", digits = NA, auto_unbox = TRUE)
