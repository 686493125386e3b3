# The list of libraries
title = Choose your library
none = There are no libraries yet.
