EXTRA_DIST += tools/check tools/check-debian tools/demo tools/demo.py tools/leshan/pom.xml
