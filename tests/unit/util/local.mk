# The pattern of every unit test: one program per tested file, linked to its folder's libraries.
