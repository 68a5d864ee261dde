package config

import "fmt"

// raw reads a key as the type that the TOML text gave it.
func raw[T any](t *table, key, want string) (value T, ok bool) {
	if !t.asked(key) {
		return value, false
	}
	value, ok = t.tree[key].(T)
	if !ok {
		t.wrong(key, "is "+describe(t.tree[key])+"; write "+want)
	}
	return value, ok
}

// read reads a text and what it stands for. def stands where the key is absent;
// a bad value is noted as a mistake.
func read[T any](t *table, key, def string, parse func(string) (T, error)) T {
	fallback, _ := parse(def)
	text, ok := raw[string](t, key, "a text in quotes")
	if !ok || text == def {
		return fallback
	}
	value, err := parse(text)
	if err != nil {
		t.wrong(key, err.Error())
		return fallback
	}
	return value
}

// text reads a text that passes the checks; its default always does.
func (t *table) text(key, def string, checks ...func(string) error) string {
	return read(t, key, def, func(s string) (string, error) {
		for _, check := range checks {
			if err := check(s); err != nil && s != def {
				return "", err
			}
		}
		return s, nil
	})
}

// flag reads true or false.
func (t *table) flag(key string, def bool) bool {
	value, ok := raw[bool](t, key, "true or false, without quotes")
	if !ok || value == def {
		return def
	}
	return value
}

// number reads a whole number from 1 to most, which is the default too.
func (t *table) number(key string, most int) int {
	value, ok := raw[int64](t, key, "a whole number, without quotes")
	if !ok || value == int64(most) {
		return most
	}
	if value < 1 || value > int64(most) {
		t.wrong(key, fmt.Sprintf("%d is out of bounds; write a number from 1 to %d", value, most))
		return most
	}
	return int(value)
}

// list reads a list of texts, each with what it stands for.
func list[T any](t *table, key string, def []T, parse func(string) (T, error)) []T {
	items, ok := raw[[]any](t, key, `a list of texts: ["…", "…"]`)
	if !ok || len(items) == 0 && len(def) == 0 {
		return def
	}
	values := make([]T, 0, len(items))
	for i, item := range items {
		text, ok := item.(string)
		if !ok {
			t.wrong(key, fmt.Sprintf("entry %d is %s; write a text in quotes", i+1, describe(item)))
			continue
		}
		value, err := parse(text)
		if err != nil {
			t.wrong(key, fmt.Sprintf("entry %d: %v", i+1, err))
			continue
		}
		values = append(values, value)
	}
	return values
}
