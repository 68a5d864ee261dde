package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/alecthomas/kong"

	"inviter/cmd/internal/program"
)

// completionCommand prints a shell's completion. The scripts only ask the
// program itself, so what they offer is always what it understands.
type completionCommand struct {
	Bash  completionScript `cmd:"" help:"For bash: source <(inviter completion bash)"`
	Zsh   completionScript `cmd:"" help:"For zsh: source <(inviter completion zsh)"`
	Fish  completionScript `cmd:"" help:"For fish: inviter completion fish | source"`
	Words completionWords  `cmd:"" hidden:"" help:"What may stand in the place of the last word."`
}

type completionScript struct{}

// scripts hand the words so far to the program and offer what it answers; where
// that is nothing, names of files.
func scripts() map[string]string {
	return map[string]string{
		"bash": `_inviter() {
  mapfile -t COMPREPLY < <("${COMP_WORDS[0]}" completion words -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -o default -F _inviter inviter
`,
		"zsh": `#compdef inviter
_inviter() {
  local -a found
  found=("${(@f)$("${words[1]}" completion words -- "${(@)words[2,CURRENT]}" 2>/dev/null)}")
  if [[ -n "${found[*]}" ]]; then compadd -- "${found[@]}"; else _files; fi
}
compdef _inviter inviter
`,
		"fish": `complete -c inviter -a '(inviter completion words -- (commandline -opc)[2..] (commandline -ct) 2>/dev/null)'
`,
	}
}

// Run prints the script of the shell that was named.
func (completionScript) Run(w *program.World, k *kong.Context) error {
	_, err := fmt.Fprint(w.Out, scripts()[k.Selected().Name])
	return err
}

type completionWords struct {
	Words []string `arg:"" optional:"" passthrough:"" help:"The words so far; the last one is being written."`
}

// Run prints what the last word may become, one a line.
func (c completionWords) Run(w *program.World, k *kong.Kong) error {
	words := c.Words
	if len(words) > 0 && words[0] == "--" {
		words = words[1:]
	}
	if len(words) == 0 {
		words = []string{""}
	}
	for _, word := range offers(k.Model.Node, words) {
		if _, err := fmt.Fprintln(w.Out, word); err != nil {
			return err
		}
	}
	return nil
}

// offers are the words that may stand in the place of the last of words.
func offers(root *kong.Node, words []string) []string {
	node, before, last := root, "", words[len(words)-1]
	for _, word := range words[:len(words)-1] {
		if child := below(node, word); child != nil {
			node = child
		}
		before = word
	}
	var all []string
	switch flag := flagOf(node, before); {
	case flag != nil && !flag.IsBool():
		all = flag.EnumSlice()
	case strings.HasPrefix(last, "-"):
		all = flagNames(node)
	default:
		all = names(node)
	}
	return slices.DeleteFunc(all, func(word string) bool { return word == "" || !strings.HasPrefix(word, last) })
}

func below(node *kong.Node, name string) *kong.Node {
	for _, child := range node.Children {
		if child.Name == name {
			return child
		}
	}
	return nil
}

// names are the commands below node, or what is known of its argument.
func names(node *kong.Node) []string {
	var all []string
	for _, child := range node.Children {
		if !child.Hidden {
			all = append(all, child.Name)
		}
	}
	if node.Name == "claim" {
		all = append(all, "next")
	}
	return all
}

func flagOf(node *kong.Node, word string) *kong.Flag {
	for ; node != nil; node = node.Parent {
		for _, flag := range node.Flags {
			if word == "--"+flag.Name || flag.Short != 0 && word == "-"+string(flag.Short) {
				return flag
			}
		}
	}
	return nil
}

func flagNames(node *kong.Node) []string {
	var all []string
	for ; node != nil; node = node.Parent {
		for _, flag := range node.Flags {
			if !flag.Hidden {
				all = append(all, "--"+flag.Name)
			}
		}
	}
	return all
}
