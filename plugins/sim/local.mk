# Nothing built here yet.
