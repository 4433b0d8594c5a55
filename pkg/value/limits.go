package value

// Hard limits. Encoders keep them as decoders do, so what one end can say the other can read.
const (
	// MaxDepth is how many lists, maps and tags may stand inside each other. The list that holds
	// the arguments of a call is not counted.
	MaxDepth = 64
	// MaxElements is how many list elements and map members one value, or one list of arguments,
	// may have in all.
	MaxElements = 1_000_000
	// MaxBigBytes is the size of the largest integer and of the largest decimal mantissa. Turning
	// longer ones into digits would cost more than reading them, so they are refused.
	MaxBigBytes = 4096
	// MaxMethods is how many methods one instance may have.
	MaxMethods = 1024
	// MaxMethodsBytes is the size of the largest encoded list of signatures.
	MaxMethodsBytes = 256 << 10
)

// maxBigDigits bounds a number's text before it is parsed; parsing costs more than linear time.
const maxBigDigits = 10_000

// maxName is the length of the longest service, group, method and parameter name.
const maxName = 128
