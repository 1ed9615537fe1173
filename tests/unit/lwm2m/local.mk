# Tests of src/lwm2m: see tests/local.mk for the pattern.
