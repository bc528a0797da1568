//! What the compiled classes call: nothing that Android 4.1 (API 16) does not have.

use std::path::Path;

use agent_tests::peers::Jdk;

/// Every member of the platform that the Java layer may call, after the level that Android's reference gives it.
/// All are of API 1, those with a `Charset` and `Arrays.copyOf` of API 9. Written by hand: a new call is looked up
/// and added here.
const API_16: &[&str] = &[
    "java/io/File.getPath:()Ljava/lang/String;",
    "java/lang/Boolean.booleanValue:()Z",
    "java/lang/Enum.\"<init>\":(Ljava/lang/String;I)V",
    "java/lang/Enum.valueOf:(Ljava/lang/Class;Ljava/lang/String;)Ljava/lang/Enum;",
    "java/lang/Exception.\"<init>\":(Ljava/lang/String;)V",
    "java/lang/Math.max:(II)I",
    "java/lang/Object.\"<init>\":()V",
    "java/lang/String.\"<init>\":([BLjava/nio/charset/Charset;)V",
    "java/lang/String.getBytes:(Ljava/nio/charset/Charset;)[B",
    "java/lang/String.length:()I",
    "java/lang/String.substring:(II)Ljava/lang/String;",
    "java/lang/StringBuilder.\"<init>\":()V",
    "java/lang/StringBuilder.append:(I)Ljava/lang/StringBuilder;",
    "java/lang/StringBuilder.append:(Ljava/lang/String;)Ljava/lang/StringBuilder;",
    "java/lang/StringBuilder.toString:()Ljava/lang/String;",
    "java/lang/System.arraycopy:(Ljava/lang/Object;ILjava/lang/Object;II)V",
    "java/lang/System.loadLibrary:(Ljava/lang/String;)V",
    "java/nio/ByteBuffer.get:()B",
    "java/nio/ByteBuffer.get:([B)Ljava/nio/ByteBuffer;",
    "java/nio/ByteBuffer.getLong:()J",
    "java/nio/ByteBuffer.getShort:()S",
    "java/nio/ByteBuffer.wrap:([B)Ljava/nio/ByteBuffer;",
    "java/nio/charset/Charset.forName:(Ljava/lang/String;)Ljava/nio/charset/Charset;",
    "java/util/ArrayList.\"<init>\":(I)V",
    "java/util/ArrayList.\"<init>\":(Ljava/util/Collection;)V",
    "java/util/Arrays.asList:([Ljava/lang/Object;)Ljava/util/List;",
    "java/util/Arrays.copyOf:([BI)[B",
    "java/util/Arrays.fill:([BB)V",
    "java/util/Collection.iterator:()Ljava/util/Iterator;",
    "java/util/Collection.size:()I",
    "java/util/Collections.emptyList:()Ljava/util/List;",
    "java/util/Collections.emptyMap:()Ljava/util/Map;",
    "java/util/Collections.singletonList:(Ljava/lang/Object;)Ljava/util/List;",
    "java/util/Collections.unmodifiableList:(Ljava/util/List;)Ljava/util/List;",
    "java/util/HashMap.\"<init>\":()V",
    "java/util/HashMap.\"<init>\":(Ljava/util/Map;)V",
    "java/util/Iterator.hasNext:()Z",
    "java/util/Iterator.next:()Ljava/lang/Object;",
    "java/util/List.add:(Ljava/lang/Object;)Z",
    "java/util/List.iterator:()Ljava/util/Iterator;",
    "java/util/List.size:()I",
    "java/util/Map$Entry.getKey:()Ljava/lang/Object;",
    "java/util/Map$Entry.getValue:()Ljava/lang/Object;",
    "java/util/Map.entrySet:()Ljava/util/Set;",
    "java/util/Map.put:(Ljava/lang/Object;Ljava/lang/Object;)Ljava/lang/Object;",
    "java/util/Set.iterator:()Ljava/util/Iterator;",
];

/// Panics if a class below `classes` calls a member of the platform that is not listed, or needs a newer machine.
pub(crate) fn must_fit_api_16(jdk: &Jdk, classes: &Path) {
    let listing = jdk.disassemble(classes).unwrap();
    assert!(!listing.contains("InvokeDynamic"), "a lambda, or text joined by the machine");
    let calls = listing.lines().filter_map(|line| line.split_once("// ")).filter_map(|(_, reference)| {
        let (kind, member) = reference.split_once(' ')?;
        matches!(kind, "Method" | "InterfaceMethod" | "Field").then_some(member)
    });
    let platform: Vec<&str> =
        calls.filter(|member| member.starts_with("java") || member.starts_with("android")).collect();
    assert!(platform.len() > 50, "the listing is not read as it is written: {}", platform.len());
    for member in platform {
        assert!(API_16.contains(&member), "not known to be in API 16: {member}");
    }
}
