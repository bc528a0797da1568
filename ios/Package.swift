// swift-tools-version:5.5
import PackageDescription

#if os(Linux)
// The façade is the library that cargo builds, the tests run, and what the package calls of Apple's SDK is the little that
// stands in `Tests/Apple`. What `cargo xtask ios` makes is the package without this branch, the framework beside it.
let facade: [Target] = [
    .systemLibrary(name: "CMtdAgent", path: "Sources/CMtdAgent/include"),
]
let apple = ["BackgroundTasks", "LocalAuthentication", "MachO", "Network", "UIKit"]
let system = apple.map(Target.Dependency.init(stringLiteral:))
let tests: [Target] = apple.map { .target(name: $0, path: "Tests/Apple/" + $0) } + [
    .testTarget(name: "MtdAgentTests", dependencies: ["MtdAgent", "SamplePage"] + system),
    .target(name: "SamplePage", dependencies: ["MtdAgent"], path: "Sample/Page"),
    .executableTarget(name: "Life", dependencies: ["MtdAgent"] + system, path: "Tests/Life"),
]
#else
let facade: [Target] = [
    .binaryTarget(name: "CMtdAgent", path: "MtdAgent.xcframework"),
]
let system: [Target.Dependency] = []
let tests: [Target] = []
#endif

let package = Package(
    name: "MtdAgent",
    platforms: [.iOS("8.0")],
    products: [.library(name: "MtdAgent", targets: ["MtdAgent"])],
    targets: facade + tests + [
        .target(
            name: "MtdAgentFFI", dependencies: ["CMtdAgent"],
            linkerSettings: ["CoreFoundation", "Security"].map { .linkedFramework($0, .when(platforms: [.iOS])) }),
        .target(
            name: "MtdAgent", dependencies: ["MtdAgentFFI"] + system, resources: [.copy("PrivacyInfo.xcprivacy")]),
    ],
    swiftLanguageVersions: [.v5]
)
