/** An answer as the API gives it, for the OpenAPI document. */
export const PREDICTION_EXAMPLE = {
  predictionId: '4f6c2f0e-8a0e-4d6f-9f8e-2f1b5c7d9e01',
  type: 'recommendation',
  userId: 'user-123',
  result: {
    recommendations: [
      {
        rank: 1,
        productId: 'product-17',
        name: 'Rainbow chard',
        category: 'VEGETABLES',
        farmId: 'farm-4',
        unit: 'bunch',
        price: '2.80',
        currency: 'EUR',
        organic: true,
        score: 0.932114,
        reasons: [
          {
            code: 'in-season',
            text: 'Peak from June to August in Catskill.',
            peakFromMonth: 6,
            peakToMonth: 8,
            region: 'Catskill',
          },
          { code: 'near', text: 'From a farm 12.4 km away.', km: 12.4 },
        ],
      },
    ],
  },
  personalized: true,
  source: 'model',
  profile: 'trained',
  confidence: 0.932114,
  model: {
    id: '7c9e6679-7425-40de-944b-e07fc1f90ae7',
    type: 'NEURAL_COLLABORATIVE_FILTERING',
    name: 'neural-collaborative-filtering',
    version: 3,
  },
} as const;
