package io.mtdagent;

import java.util.Collection;
import java.util.List;

/** What hosts hand to the native library, for the tests of the package {@code android}. */
public final class Inside {
    private Inside() {
    }

    /** The public key. */
    public static byte[] spki(MtdKeyStore.PublicHalf key) {
        return key.spki;
    }

    /** How its private half is kept. */
    public static MtdKeyStore.Protection protection(MtdKeyStore.PublicHalf key) {
        return key.protection;
    }

    /** The package name. */
    public static String id(MtdApp app) {
        return app.id;
    }

    /** SHA-1 and SHA-256 of each signer, in turns. */
    public static byte[][] signers(MtdApp app) {
        List<MtdApp.Signer> signers = app.signers;
        byte[][] digests = new byte[2 * signers.size()][];
        for (int i = 0; i < signers.size(); i++) {
            digests[2 * i] = signers.get(i).sha1;
            digests[2 * i + 1] = signers.get(i).sha256;
        }
        return digests;
    }

    /** Platform, version, model and patch level. */
    public static String[] facts(MtdSensors.Posture posture) {
        return new String[] {posture.platform, posture.osVersion, posture.model, posture.patchLevel};
    }

    /** What was found. */
    public static Collection<String> findings(MtdSensors.Posture posture) {
        return posture.findings;
    }

    /** What the system did not tell. */
    public static Collection<String> unknown(MtdSensors.Posture posture) {
        return posture.unknown;
    }
}
