package services

import (
	"errors"
	"strings"

	"github.com/netsvc/netsvc/pkg/service"
	"github.com/netsvc/netsvc/pkg/value"
)

// Validator1 makes the service "validator1": the eight methods that XML-RPC clients check a
// gateway with. Where services and methods share a path, a gateway has them under the names of the
// suite, such as validator1.easyStructTest. The specification is
// http://1998.xmlrpc.com/validator1Docs.html.
func Validator1() *service.Service {
	s := inGroup("validator1", "The XML-RPC validation suite.")
	s.Export("arrayOfStructsTest", arrayOfStructs, pure("Sum of all members named curly.", "array"))
	s.Export("countTheEntities", countTheEntities, pure("How often < > & ' and \" occur in a text.", "text"))
	s.Export("easyStructTest", easyStruct, pure("Sum of moe, larry and curly.", "stooges"))
	s.Export("echoStructTest", echoStruct, pure("The struct itself.", "members"))
	s.Export("manyTypesTest", manyTypes, pure("The six arguments as a list.",
		"number", "boolean", "text", "double", "date", "base64"))
	s.Export("moderateSizeArrayCheck", moderateSizeArray, pure("The first text and the last, joined.", "array"))
	s.Export("nestedStructTest", nestedStruct, pure("Sum of moe, larry and curly of April 1, 2000.", "calendar"))
	s.Export("simpleStructReturnTest", simpleStructReturn, pure("The number times 10, 100 and 1000.", "number"))
	return s
}

// stooges is the struct of the validation suite. It may have more members; a missing one counts
// as 0.
type stooges struct {
	Moe   int64 `netsvc:"moe"`
	Larry int64 `netsvc:"larry"`
	Curly int64 `netsvc:"curly"`
}

func (s stooges) sum() (int64, error) { return sum(s.Moe, s.Larry, s.Curly) }

func arrayOfStructs(array []stooges) (int64, error) {
	curlies := make([]int64, len(array))
	for i, s := range array {
		curlies[i] = s.Curly
	}
	return sum(curlies...)
}

// entities is how often each character occurs that XML has an entity for.
type entities struct {
	LeftAngleBrackets  int `netsvc:"ctLeftAngleBrackets"`
	RightAngleBrackets int `netsvc:"ctRightAngleBrackets"`
	Ampersands         int `netsvc:"ctAmpersands"`
	Apostrophes        int `netsvc:"ctApostrophes"`
	Quotes             int `netsvc:"ctQuotes"`
}

func countTheEntities(text string) entities {
	return entities{
		LeftAngleBrackets:  strings.Count(text, "<"),
		RightAngleBrackets: strings.Count(text, ">"),
		Ampersands:         strings.Count(text, "&"),
		Apostrophes:        strings.Count(text, "'"),
		Quotes:             strings.Count(text, `"`),
	}
}

func easyStruct(s stooges) (int64, error) { return s.sum() }

// echoStruct leaves the members encoded, so nothing can happen to them.
func echoStruct(members map[string]value.Raw) map[string]value.Raw { return members }

// manyTypes takes any date, because XML-RPC's has no zone and those of others have one.
func manyTypes(number int64, boolean bool, text string, double float64, date any, base64 []byte) []any {
	return []any{number, boolean, text, double, date, base64}
}

var errEmptyArray = errors.New("the array has no elements")

func moderateSizeArray(array []string) (string, error) {
	if len(array) == 0 {
		return "", errEmptyArray
	}
	return array[0] + array[len(array)-1], nil
}

// calendar has structs in each other for years, months and days. One day is looked at; whatever
// stands on the others is not read.
type calendar struct {
	Year *struct {
		April *struct {
			First *stooges `netsvc:"01"`
		} `netsvc:"04"`
	} `netsvc:"2000"`
}

var errNoEntry = errors.New("the calendar has no entry for April 1, 2000")

func nestedStruct(c calendar) (int64, error) {
	if c.Year == nil || c.Year.April == nil || c.Year.April.First == nil {
		return 0, errNoEntry
	}
	return c.Year.April.First.sum()
}

// powers is a number times powers of ten.
type powers struct {
	Times10   int64 `netsvc:"times10"`
	Times100  int64 `netsvc:"times100"`
	Times1000 int64 `netsvc:"times1000"`
}

// simpleStructReturn multiplies. When the largest product fits, the others do.
func simpleStructReturn(number int64) (powers, error) {
	most, err := multiply(number, 1000)
	if err != nil {
		return powers{}, err
	}
	return powers{Times10: number * 10, Times100: number * 100, Times1000: most}, nil
}
