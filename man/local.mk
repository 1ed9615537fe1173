dist_man_MANS += man/lwm2m-gatewayd.8 man/lwm2m-gateway.conf.5 man/lwm2mctl.1
