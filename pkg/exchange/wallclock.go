package exchange

import "time"

// wallMillis is the time for people to read. Nothing is computed with it.
func wallMillis() int64 { return time.Now().UnixMilli() }

// moment is such a time for those who ask.
func moment(ms int64) time.Time { return time.UnixMilli(ms).UTC() }
