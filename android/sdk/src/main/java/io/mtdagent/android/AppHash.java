package io.mtdagent.android;

import android.content.pm.PackageManager;
import io.mtdagent.MtdException;
import java.io.FileInputStream;
import java.io.IOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** SHA-256 of an app's installation file, the base where it has several (P5). Read in pieces. */
final class AppHash {
    private static final int PIECE = 64 * 1024;

    private AppHash() {
    }

    static byte[] of(PackageManager packages, String id) throws MtdException {
        try {
            FileInputStream in = new FileInputStream(packages.getApplicationInfo(id, 0).sourceDir);
            try {
                MessageDigest digest = MessageDigest.getInstance("SHA-256");
                byte[] piece = new byte[PIECE];
                for (int read = in.read(piece); read >= 0; read = in.read(piece)) {
                    digest.update(piece, 0, read);
                }
                return digest.digest();
            } finally {
                in.close();
            }
        } catch (PackageManager.NameNotFoundException removed) {
            throw MtdException.sensorDenied();
        } catch (IOException unreadable) {
            throw MtdException.sensorDenied();
        } catch (NoSuchAlgorithmException never) {
            throw MtdException.sensorFailed();
        }
    }
}
