package util // want: package util: the name does not say what the package is for
