# What every file sees without an import: functions of numbers and of vectors, moments, initializers.
import "init"
import "norm"
import "reduce"
import "scalar"
