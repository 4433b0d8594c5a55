package value

import "context"

// pairOf adapts funcs of two parameters of type T.
func pairOf[T any](f form[T]) func(fn any) adapter {
	return func(fn any) adapter {
		switch fn := fn.(type) {
		case func(T, T) T:
			return f.pair(func(_ context.Context, x, y T) (T, error) { return fn(x, y), nil })
		case func(T, T) (T, error):
			return f.pair(func(_ context.Context, x, y T) (T, error) { return fn(x, y) })
		case func(context.Context, T, T) T:
			return f.pair(func(ctx context.Context, x, y T) (T, error) { return fn(ctx, x, y), nil })
		case func(context.Context, T, T) (T, error):
			return f.pair(fn)
		}
		return nil
	}
}

// oneOf adapts funcs of one parameter of type T.
func oneOf[T any](f form[T]) func(fn any) adapter {
	return func(fn any) adapter {
		switch fn := fn.(type) {
		case func(T) T:
			return f.one(func(_ context.Context, x T) (T, error) { return fn(x), nil })
		case func(T) (T, error):
			return f.one(func(_ context.Context, x T) (T, error) { return fn(x) })
		case func(context.Context, T) T:
			return f.one(func(ctx context.Context, x T) (T, error) { return fn(ctx, x), nil })
		case func(context.Context, T) (T, error):
			return f.one(fn)
		case func(T):
			return f.sink(func(_ context.Context, x T) error { fn(x); return nil })
		case func(T) error:
			return f.sink(func(_ context.Context, x T) error { return fn(x) })
		case func(context.Context, T) error:
			return f.sink(fn)
		}
		return nil
	}
}

// noneOf adapts funcs that only have a result.
func noneOf[T any](f form[T]) func(fn any) adapter {
	return func(fn any) adapter {
		switch fn := fn.(type) {
		case func() T:
			return f.none(func(context.Context) (T, error) { return fn(), nil })
		case func() (T, error):
			return f.none(func(context.Context) (T, error) { return fn() })
		case func(context.Context) T:
			return f.none(func(ctx context.Context) (T, error) { return fn(ctx), nil })
		case func(context.Context) (T, error):
			return f.none(fn)
		}
		return nil
	}
}

// action adapts funcs without parameters and results.
func action(fn any) adapter {
	switch fn := fn.(type) {
	case func():
		return act(func(context.Context) error { fn(); return nil })
	case func() error:
		return act(func(context.Context) error { return fn() })
	case func(context.Context):
		return act(func(ctx context.Context) error { fn(ctx); return nil })
	case func(context.Context) error:
		return act(fn)
	}
	return nil
}

func (f form[T]) pair(fn func(context.Context, T, T) (T, error)) adapter {
	return func(ctx context.Context, args []byte, at int, dst []byte) ([]byte, bool, error) {
		x, at, ok := f.read(args, at)
		if !ok {
			return nil, false, nil
		}
		y, at, ok := f.read(args, at)
		if !ok || at != len(args) {
			return nil, false, nil
		}
		v, err := fn(ctx, x, y)
		return done(f, dst, v, err)
	}
}

func (f form[T]) one(fn func(context.Context, T) (T, error)) adapter {
	return func(ctx context.Context, args []byte, at int, dst []byte) ([]byte, bool, error) {
		x, at, ok := f.read(args, at)
		if !ok || at != len(args) {
			return nil, false, nil
		}
		v, err := fn(ctx, x)
		return done(f, dst, v, err)
	}
}

func (f form[T]) sink(fn func(context.Context, T) error) adapter {
	return func(ctx context.Context, args []byte, at int, dst []byte) ([]byte, bool, error) {
		x, at, ok := f.read(args, at)
		if !ok || at != len(args) {
			return nil, false, nil
		}
		return doneNil(dst, fn(ctx, x))
	}
}

func (f form[T]) none(fn func(context.Context) (T, error)) adapter {
	return func(ctx context.Context, args []byte, at int, dst []byte) ([]byte, bool, error) {
		if at != len(args) {
			return nil, false, nil
		}
		v, err := fn(ctx)
		return done(f, dst, v, err)
	}
}

func act(fn func(context.Context) error) adapter {
	return func(ctx context.Context, args []byte, at int, dst []byte) ([]byte, bool, error) {
		if at != len(args) {
			return nil, false, nil
		}
		return doneNil(dst, fn(ctx))
	}
}
