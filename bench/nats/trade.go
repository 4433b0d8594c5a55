package main

// Order and Receipt are the struct that a trade takes and the one it gives: a few fields of
// the usual types.
type Order struct {
	ID       int64   `json:"id"`
	Customer string  `json:"customer"`
	Article  string  `json:"article"`
	Count    int64   `json:"count"`
	Price    float64 `json:"price"`
	Express  bool    `json:"express"`
}

// Receipt says what an Order came to.
type Receipt struct {
	Order    int64   `json:"order"`
	Customer string  `json:"customer"`
	Total    float64 `json:"total"`
	Express  bool    `json:"express"`
}

// orderOf makes the order of a number. Orders of different numbers have different receipts.
func orderOf(n int64) Order {
	return Order{ID: n, Customer: "Ada Lovelace", Article: "wheel", Count: n % 10, Price: 2.25, Express: n%2 == 0}
}

// receiptOf is what a trade answers.
func receiptOf(o Order) Receipt {
	return Receipt{Order: o.ID, Customer: o.Customer, Total: float64(o.Count) * o.Price, Express: o.Express}
}
