// swift-tools-version: 6.2
import Foundation
import PackageDescription

let strict: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .strictMemorySafety(),
  .treatAllWarnings(as: .error),
]

let strictC: [CSetting] = [
  .enableWarning("all"), .enableWarning("extra"), .enableWarning("pedantic"),
  .treatAllWarnings(as: .error),
]

/// Whether matrix products may go through libxsmm: found by its header, `RLHOST_XSMM=0` or `=1`
/// overrides.
let hasXSMM =
  Context.environment["RLHOST_XSMM"].map { $0 != "0" }
  ?? FileManager.default.fileExists(atPath: "/usr/include/libxsmm.h")

let xsmmSettings: [CSetting] = hasXSMM ? [.define("RLHOST_XSMM")] : []
let xsmmLibraries: [LinkerSetting] =
  hasXSMM
  ? ["xsmm", "xsmmnoblas", "rt", "dl", "m"].map { .linkedLibrary($0) } : []

/// OpenSSL's libcrypto, statically where its archive is: the few kilobytes of SHA-256 then travel
/// inside the binary.
let cryptoFolders = [
  "/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib64", "/usr/lib",
]
let cryptoLibrary =
  cryptoFolders.contains { FileManager.default.fileExists(atPath: $0 + "/libcrypto.a") }
  ? ":libcrypto.a" : "crypto"

/// Environments that have presets, a file each.
let presets = [
  "acrobot", "cartpole", "lunar_lander", "mountain_car", "mountain_car_continuous", "pendulum",
]

let package = Package(
  name: "rl-host",
  products: [
    .executable(name: "rl-host", targets: ["rl-host"]),
    .executable(name: "rl-bench", targets: ["rl-bench"]),
    .executable(name: "rl-fuzz", targets: ["rl-fuzz"]),
    .library(name: "RLCore", targets: ["RLCore"]),
    .library(name: "RLParallel", targets: ["RLParallel"]),
    .library(name: "RLNetworks", targets: ["RLNetworks"]),
    .library(name: "RLAgents", targets: ["RLAgents"]),
    .library(name: "RLEnvironments", targets: ["RLEnvironments"]),
    .library(name: "RLWrappers", targets: ["RLWrappers"]),
    .library(name: "RLTraining", targets: ["RLTraining"]),
    .library(name: "RLPresets", targets: ["RLPresets"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
    .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
  ],
  targets: [
    .systemLibrary(name: "CRLEnv", path: "include"),
    .target(name: "CParallel", cSettings: strictC, linkerSettings: [.linkedLibrary("pthread")]),
    .target(
      name: "CKernels", cSettings: strictC + xsmmSettings, linkerSettings: xsmmLibraries),
    .target(name: "CEnvironmentSupport", cSettings: strictC),
    .target(name: "CSystem", cSettings: strictC),
    .target(
      name: "CBench", cSettings: strictC + [.headerSearchPath("../../include")],
      linkerSettings: [.linkedLibrary("dl")]),
    .target(name: "CFuzz", cSettings: strictC),
    .systemLibrary(name: "CCrypto", path: "Sources/CCrypto", providers: [.apt(["libssl-dev"])]),

    .target(name: "RLCore", swiftSettings: strict),
    .target(name: "RLParallel", dependencies: ["CParallel"], swiftSettings: strict),
    .target(
      name: "RLKernels", dependencies: ["CKernels", "RLCore", "RLParallel"], swiftSettings: strict),
    .target(
      name: "RLNetworks", dependencies: ["RLCore", "RLKernels", "RLParallel"],
      swiftSettings: strict),
    .target(
      name: "RLAgents", dependencies: ["RLCore", "RLNetworks", "RLKernels", "RLParallel"],
      swiftSettings: strict),
    .target(
      name: "RLEnvironments",
      dependencies: ["CEnvironmentSupport", "CRLEnv", "RLCore", "RLParallel"],
      swiftSettings: strict),
    .target(
      name: "RLConformance",
      dependencies: ["CEnvironmentSupport", "CRLEnv", "RLCore", "RLEnvironments", "RLSystem"],
      swiftSettings: strict),
    .target(
      name: "RLSystem", dependencies: ["CCrypto", "CSystem"], swiftSettings: strict,
      linkerSettings: [.linkedLibrary(cryptoLibrary)]),
    .target(name: "RLWrappers", dependencies: ["RLCore", "RLKernels"], swiftSettings: strict),
    .target(
      name: "RLTraining", dependencies: ["RLCore", "RLSystem", "RLWrappers"],
      swiftSettings: strict),
    .target(
      name: "RLPresets",
      dependencies: ["RLCore", .product(name: "Yams", package: "Yams")],
      resources: presets.map { .embedInCode("Presets/\($0).yaml") }, swiftSettings: strict),
    .target(
      name: "RLComparison", dependencies: ["RLCore", "RLEnvironments", "RLSystem"],
      swiftSettings: strict),
    // Files holds links to the headers and templates; as .txt they are no sources of the target
    .target(
      name: "RLStarter", dependencies: ["RLSystem"],
      resources: ["rlenv.h", "rlenv_simple.h", "template.c", "template.cpp", "template.rs"].map {
        .embedInCode("Files/\($0).txt")
      }, swiftSettings: strict),
    .executableTarget(
      name: "rl-host",
      dependencies: [
        "RLCore", "RLAgents", "RLEnvironments", "RLTraining", "RLSystem", "RLPresets",
        "RLParallel", "RLKernels", "RLConformance", "RLComparison", "RLStarter", "RLWrappers",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ], swiftSettings: strict),
    .executableTarget(
      name: "rl-bench",
      dependencies: [
        "CBench", "RLCore", "RLKernels", "RLNetworks", "RLAgents", "RLEnvironments", "RLTraining",
        "RLPresets", "RLParallel", "RLSystem",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ], swiftSettings: strict),
    .executableTarget(
      name: "rl-fuzz",
      dependencies: [
        "CFuzz", "RLCore", "RLAgents", "RLTraining", "RLPresets", "RLParallel", "RLSystem",
        "RLComparison", "RLWrappers",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ], swiftSettings: strict),

    .target(
      name: "RLTestSupport", dependencies: ["RLCore", "RLSystem", "RLTraining"],
      path: "Tests/RLTestSupport", swiftSettings: strict),
    .executableTarget(
      name: "checkpoint-trial", dependencies: ["RLTestSupport", "RLSystem", "RLTraining"],
      path: "Tests/CheckpointTrial", swiftSettings: strict),
    .testTarget(
      name: "LearningTests",
      dependencies: [
        "RLCore", "RLAgents", "RLNetworks", "RLEnvironments", "RLTraining", "RLWrappers",
        "RLParallel", "RLTestSupport",
      ], swiftSettings: strict),
    .testTarget(name: "RLCoreTests", dependencies: ["RLCore"], swiftSettings: strict),
    .testTarget(
      name: "RLKernelsTests", dependencies: ["RLCore", "RLKernels", "RLParallel"],
      swiftSettings: strict),
    .testTarget(
      name: "RLNetworksTests",
      dependencies: ["CFuzz", "RLCore", "RLNetworks", "RLKernels", "RLParallel"],
      resources: [.copy("Golden")], swiftSettings: strict),
    .testTarget(
      name: "RLAgentsTests",
      dependencies: ["CFuzz", "RLCore", "RLAgents", "RLKernels", "RLNetworks", "RLParallel"],
      resources: [.copy("Golden")], swiftSettings: strict),
    .testTarget(
      name: "RLEnvironmentsTests", dependencies: ["RLCore", "RLEnvironments", "RLParallel"],
      swiftSettings: strict),
    .testTarget(
      name: "RLSystemTests", dependencies: ["RLSystem"], exclude: ["Golden"], swiftSettings: strict),
    .testTarget(
      name: "RLWrappersTests",
      dependencies: [
        "CFuzz", "RLCore", "RLWrappers", "RLKernels", "RLAgents", "RLEnvironments", "RLTraining",
        "RLParallel", "RLTestSupport",
      ], exclude: ["Golden"], swiftSettings: strict),
    .testTarget(
      name: "RLTrainingTests",
      dependencies: [
        "RLCore", "RLTraining", "RLSystem", "RLAgents", "RLEnvironments", "RLParallel",
        "RLTestSupport", "checkpoint-trial",
      ],
      exclude: ["Golden"], swiftSettings: strict),
    .testTarget(
      name: "RLPresetsTests", dependencies: ["RLCore", "RLPresets", "RLAgents", "RLWrappers"],
      swiftSettings: strict),
    .testTarget(name: "RLFuzzTests", dependencies: ["rl-fuzz"], swiftSettings: strict),
    .testTarget(
      name: "RLComparisonTests",
      dependencies: ["RLComparison", "RLCore", "RLEnvironments", "RLSystem", "RLTestSupport"],
      swiftSettings: strict),
    .testTarget(name: "RLStarterTests", dependencies: ["RLStarter"], swiftSettings: strict),
    .testTarget(
      name: "RLHostTests",
      dependencies: ["rl-host", "RLSystem", "RLTraining", "RLTestSupport"],
      exclude: ["Fixtures"], swiftSettings: strict),
  ],
  swiftLanguageModes: [.v6],
  cLanguageStandard: .gnu11
)
