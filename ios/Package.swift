// swift-tools-version:5.5
import PackageDescription

// On Linux the façade is the library that cargo builds, and the tests run; for Apple's systems it is the framework that
// `cargo xtask ios` puts beside this file.
#if os(Linux)
let facade: [Target] = [
    .systemLibrary(name: "CMtdAgent", path: "Sources/CMtdAgent/include"),
]
let tests: [Target] = [
    .testTarget(name: "MtdAgentTests", dependencies: ["MtdAgent", "SamplePage"]),
    .target(name: "SamplePage", dependencies: ["MtdAgent"], path: "Sample/Page"),
    .executableTarget(name: "Life", dependencies: ["MtdAgent"], path: "Tests/Life"),
]
#else
let facade: [Target] = [
    .binaryTarget(name: "CMtdAgent", path: "MtdAgent.xcframework"),
]
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
        .target(name: "MtdAgent", dependencies: ["MtdAgentFFI"], resources: [.copy("PrivacyInfo.xcprivacy")]),
    ],
    swiftLanguageVersions: [.v5]
)
