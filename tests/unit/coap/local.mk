# Tests of src/coap: see tests/local.mk for the pattern.
