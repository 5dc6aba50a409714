public import ArgumentParser
import RLSystem

/// Options of every verb: in what form it speaks.
struct WordArguments: ParsableArguments {
  @Flag(name: .long, help: "Print the answer as JSON.")
  var json = false

  @Flag(name: .shortAndLong, help: "Say nothing but errors and the answer.")
  var quiet = false

  @Flag(name: .shortAndLong, help: "Say more.")
  var verbose = false

  @Option(name: .long, help: "When to use colours.")
  var color = Terminal.ColourChoice.auto
}

extension Terminal.ColourChoice: ExpressibleByArgument {}
