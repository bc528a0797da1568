package io.mtdagent.android;

import android.content.pm.PackageInfo;
import android.content.pm.Signature;
import android.os.Build;
import io.mtdagent.MtdApp;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;

/** The certificates that an app is signed with, by the digests that public indicators use. */
final class Signers {
    private static final String SHA_256 = "SHA-256";

    private Signers() {
    }

    static List<MtdApp.Signer> of(PackageInfo info) {
        List<MtdApp.Signer> signers = new ArrayList<MtdApp.Signer>(1);
        for (Signature signature : signatures(info)) {
            byte[] certificate = signature.toByteArray();
            signers.add(new MtdApp.Signer(digest("SHA-1", certificate), digest(SHA_256, certificate)));
        }
        return signers;
    }

    /** SHA-256 of each certificate. */
    static List<byte[]> sha256(PackageInfo info) {
        List<byte[]> digests = new ArrayList<byte[]>(1);
        for (Signature signature : signatures(info)) {
            digests.add(digest(SHA_256, signature.toByteArray()));
        }
        return digests;
    }

    @SuppressWarnings("deprecation")
    private static Signature[] signatures(PackageInfo info) {
        Signature[] signatures = Build.VERSION.SDK_INT >= 28 ? AppsApi28.signers(info) : info.signatures;
        return signatures == null ? new Signature[0] : signatures;
    }

    private static byte[] digest(String algorithm, byte[] bytes) {
        try {
            return MessageDigest.getInstance(algorithm).digest(bytes);
        } catch (NoSuchAlgorithmException never) {
            // Every Android has both.
            throw new IllegalStateException(never);
        }
    }
}
