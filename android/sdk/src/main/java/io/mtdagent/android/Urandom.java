package io.mtdagent.android;

import java.io.DataInputStream;
import java.io.FileInputStream;
import java.io.IOException;
import java.security.ProviderException;
import java.security.SecureRandom;
import java.security.SecureRandomSpi;

/**
 * The kernel's randomness. The platform's own generator is badly seeded up to Android 4.3: keys and signatures of
 * software take theirs from here.
 */
final class Urandom extends SecureRandom {
    private static final long serialVersionUID = 1L;
    private static final String DEVICE = "/dev/urandom";

    Urandom() {
        super(new Device(), null);
    }

    static byte[] bytes(int count) {
        byte[] bytes = new byte[count];
        new Urandom().nextBytes(bytes);
        return bytes;
    }

    private static final class Device extends SecureRandomSpi {
        private static final long serialVersionUID = 1L;

        @Override
        protected void engineSetSeed(byte[] seed) {
            // The kernel needs none.
        }

        @Override
        protected void engineNextBytes(byte[] bytes) {
            try {
                DataInputStream in = new DataInputStream(new FileInputStream(DEVICE));
                try {
                    in.readFully(bytes);
                } finally {
                    in.close();
                }
            } catch (IOException none) {
                throw new ProviderException(none);
            }
        }

        @Override
        protected byte[] engineGenerateSeed(int count) {
            byte[] seed = new byte[count];
            engineNextBytes(seed);
            return seed;
        }
    }
}
